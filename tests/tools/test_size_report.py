"""The linker's map files, the layers, and what is made of the figures."""

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import micropython_size
import size_report
from marked import inside

# As GNU ld writes it: what was thrown away comes first, and names of some length stand on a line of their own.
MAP = """\
Discarded input sections

 .text.unused   0x00000000       0x99 core/libussl-core.a(bytes.cpp.o)

Memory Configuration

Linker script and memory map

.text           0x00000000      0x150
 *(.text)
 .text          0x00000000       0x20 crt0.o
 .text.read     0x00000020       0x30 core/libussl-core.a(bytes.cpp.o)
 .text._ZN4ussl7mbedtls6Traits13SessionEngine4readENS_12MutableBytesE
                0x00000050      0x100 backends/mbedtls/libmbedtls-adapter.a.p/src_session_engine.cpp.o
 .text.empty    0x00000150        0x0 core/libussl-core.a(der.cpp.o)
 *fill*         0x00000150        0x2

.bss            0x20000000       0x40
 .bss           0x20000000       0x40 serial.cpp.o
"""


class Maps(unittest.TestCase):
    def test_kept_sections_with_their_output_section_and_object(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "image.map"
            path.write_text(MAP)
            self.assertEqual(list(size_report.sections(path)), [
                (".text", 0x20, "crt0.o"),
                (".text", 0x30, "core/libussl-core.a(bytes.cpp.o)"),
                (".text", 0x100, "backends/mbedtls/libmbedtls-adapter.a.p/src_session_engine.cpp.o"),
                (".bss", 0x40, "serial.cpp.o"),
            ])

    def test_an_image_adds_up(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "client.map").write_text(MAP)
            size = "   text\t   data\t    bss\t    dec\t    hex\tfilename\n    400\t     10\t     64\t    474\t    1da\tclient\n"
            with mock.patch.object(size_report, "run", return_value=size):
                found = size_report.measure_image(Path(folder) / "client", "mbedtls", "size")
        self.assertEqual((found["image"], found["static_ram"]), (410, 74))
        self.assertEqual(sum(found["flash"].values()), 410)
        self.assertEqual((found["flash"]["core"], found["flash"]["adapter"], found["flash"]["libc"]), (0x30, 0x100, 0x20))
        self.assertEqual(found["flash"]["rest"], 410 - 0x150)

    def test_layers_of_a_micropython_image(self):
        root = size_report.ROOT
        text = f"""\
Linker script and memory map

.text           0x00000000      0x100
 .text.a        0x00000000       0x01 {root}/core/src/bytes.o
 .text.b        0x00000010       0x02 /build/{root}/./backends/mbedtls/src/hooks.o
 .text.c        0x00000020       0x04 {root}/backends/wolfssl/library/tls.o
 .text.d        0x00000030       0x08 {root}/subprojects/bearssl-0.6/src/aes.o
 .text.e_with_a_name_that_is_long
                0x00000040       0x10 {root}/bindings/micropython/src/socket.o
 .text.f        0x00000050       0x20 py/vm.o
.data           0x20000000       0x40
 .data.g        0x20000000       0x40 {root}/core/src/bytes.o
.bss            0x20000040       0x80
 .bss.h         0x20000040       0x80 {root}/core/src/bytes.o
"""
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "firmware.map").write_text(text)
            self.assertEqual(micropython_size.layers(Path(folder) / "firmware.elf"),
                             {"core": 0x41, "adapter": 0x02, "library": 0x0c, "module": 0x10})


class Layers(unittest.TestCase):
    def test_by_archive_and_by_the_object_in_it(self):
        for path, backend, layer in [
            ("core/libussl-core.a(bytes.cpp.o)", "mbedtls", "core"),
            ("core/libussl-core.a.p/src_bytes.cpp.o", "bearssl", "core"),
            ("backends/wolfssl/libwolfssl-adapter.a(src_hooks.cpp.o)", "wolfssl", "adapter"),
            # Another backend's adapter is none of this one's.
            ("backends/wolfssl/libwolfssl-adapter.a(src_hooks.cpp.o)", "mbedtls", "program"),
            ("libmbedtls-library.a(_subprojects_mbedtls-3.6.7_library_ssl_tls.c.o)", "mbedtls", "TLS"),
            ("libmbedtls-library.a(_subprojects_mbedtls-3.6.7_library_x509_crt.c.o)", "mbedtls", "X.509"),
            ("libmbedtls-library.a(_subprojects_mbedtls-3.6.7_library_ecp.c.o)", "mbedtls", "public key"),
            ("libmbedtls-library.a(_subprojects_mbedtls-3.6.7_library_platform.c.o)", "mbedtls", "rest"),
            ("/usr/lib/arm-none-eabi/lib/libc_nano.a(memcpy.o)", "mbedtls", "libc"),
            ("/usr/lib/gcc/libgcc.a(_udivdi3.o)", "mbedtls", "libc"),
            ("crt0.o", "mbedtls", "libc"),
            ("examples/firmware/serial.cpp.o", "mbedtls", "program"),
        ]:
            with self.subTest(path=path, backend=backend):
                self.assertEqual(size_report.layer_of(path, backend), layer)


def row(**figures):
    flash = dict.fromkeys(size_report.LAYERS, 0)
    return {"target": "cortex-m4", "profile": "both", "backend": "mbedtls", "image": 1000,
            "flash": {**flash, "core": 600, "TLS": 400}, **figures}


class Figures(unittest.TestCase):
    def test_difference(self):
        with tempfile.TemporaryDirectory() as folder:
            baseline = Path(folder) / "before.json"
            size_report.write_json(baseline, {"images": [row(stack=50)]})
            self.assertEqual(size_report.difference([row(stack=50)], str(baseline)), "nothing has changed\n")
            now = row(stack=60)
            now["flash"]["core"] = 590
            self.assertEqual(size_report.difference([now, row(profile="full")], str(baseline)),
                             "cortex-m4 both mbedtls: core 600 -> 590 (-10)\n"
                             "cortex-m4 both mbedtls: stack 50 -> 60 (+10)\n"
                             "cortex-m4 full mbedtls: new\n")

    def check(self, budgets, *rows):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(size_report, "ROOT", Path(folder)):
            (Path(folder) / "tools").mkdir()
            (Path(folder) / "tools" / "size-budgets.json").write_text(json.dumps(budgets))
            with contextlib.redirect_stdout(io.StringIO()) as said:
                good = size_report.check(list(rows))
        return good, said.getvalue().splitlines()[-1]

    def test_budgets(self):
        name = "cortex-m4 both mbedtls"
        self.assertEqual(self.check({name: {"image": 1000, "core": 600}}, row()), (True, "2 passed, 0 failed"))
        self.assertEqual(self.check({name: {"image": 999, "core": 600}}, row()), (False, "1 passed, 1 failed"))
        self.assertEqual(self.check({name: {"stack": 100}}, row()), (False, "0 passed, 1 failed"), "not measured")
        self.assertEqual(self.check({}, row()), (False, "0 passed, 1 failed"), "nothing was compared")

    def test_cells(self):
        self.assertEqual(size_report.cell({"image": 5}, "image"), "5")
        self.assertEqual(size_report.cell({}, "image"), "–")
        self.assertEqual(size_report.cell({"handshake": 1234567}, "handshake"), "1.23")
        self.assertEqual(size_report.cell({"handshake": 12345678}, "handshake"), "12.3")

    def test_table(self):
        self.assertEqual(size_report.table([("backend", "of"), ("profile", "profile"), ("image", "flash")],
                                           [{"backend": "mbedtls", "profile": "both", "image": 7}]),
                         "| of      | profile | flash |\n|---------|---------|------:|\n| mbedtls | both    |     7 |\n")

    def test_seconds_at_the_clock_of_each_board(self):
        text = size_report.report([row(handshake=42_000_000, sending=8_400_000)])
        self.assertIn("Seconds, STM32F401 at 84 MHz:\n\n"
                      "| profile | backend | handshake | resumed | 16 KiB out | 16 KiB in |\n"
                      "|---------|---------|----------:|--------:|-----------:|----------:|\n"
                      "| both    | mbedtls |       0.5 |       – |        0.1 |         – |\n\n"
                      "Seconds, nRF52840 at 64 MHz:\n", text)
        self.assertIn("|      0.66 |       – |       0.13 |         – |", text)
        self.assertEqual(set(size_report.BOARDS), set(size_report.TARGETS), "each target has a board")

    def test_tiles_fill_the_rectangle_in_proportion(self):
        tiles = size_report.tiles([50, 30, 15, 5], 0, 0, 10, 4)
        self.assertEqual([round(w * h, 6) for _, _, w, h in tiles], [20, 12, 6, 2])
        for i, (x, y, w, h) in enumerate(tiles):
            for x2, y2, w2, h2 in tiles[:i]:
                apart = x + w <= x2 + 1e-9 or x2 + w2 <= x + 1e-9 or y + h <= y2 + 1e-9 or y2 + h2 <= y + 1e-9
                self.assertTrue(apart)

    def test_the_page_has_the_figures_of_the_file(self):
        docs = size_report.ROOT / "docs"
        rows, page = size_report.read_json(docs / "sizes.json")["images"], (docs / "sizes.md").read_text()
        self.assertTrue(inside(page, "figures").startswith(size_report.report(rows)))
        self.assertEqual(inside(page, "aims"), size_report.aims(rows))

    def test_a_missed_aim_is_bold(self):
        rows = [{"target": "cortex-m4", "profile": profile, "backend": name, "ours": ours, "image": 40000, "handshake": 5e6,
                 "connection": 8000}
                for name in size_report.BACKENDS for profile, ours in (("smallest", 6144), ("unverified", 3073))]
        text = size_report.aims(rows)
        self.assertIn("| flash, ours | 6,144 | 6,144 |", text)
        self.assertIn("| 3,072 | **3,073** |", text)
