"""MicroPython's QEMU port with and without the ussl module: see tools/micropython-size."""

import fcntl
import json
import os
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backends import all_backends, facts, with_sources
from marked import inside, with_inside

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build"
BACKENDS = with_sources(all_backends())
# All have client and server, with records of 2 KB out, 4 KB in.
VARIANTS = {"both": ["USSL_PROFILE=both"], "smallest + server": ["USSL_PROFILE=smallest", "USSL_SERVER=1"]}
TARGETS = {name: facts(name)["module_targets"]["flash in KB"] for name in BACKENDS}  # the targets
BUILT_IN = 119.8  # KB: MicroPython 1.25's own tls module, linked firmware with it minus without

COMMON = """
import gc, io, ussl
class Pipe(io.IOBase):
    def __init__(self, received, sent):
        self.received, self.sent = received, sent
    def readinto(self, buf):
        if not self.received:
            return None
        n = min(len(buf), len(self.received))
        buf[:n] = self.received[:n]
        self.received[:] = self.received[n:]
        return n
    def write(self, buf):
        self.sent.extend(buf)
        return len(buf)
    def ioctl(self, request, argument):
        return 0
    def setblocking(self, on):
        pass
def contexts(chain, key):
    client = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(cadata=CA)
    server = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, key)
    server.verify_time = False  # else one that has expired is refused here
    return client, server
def connect(client, server, name="test.example", manner=""):
    a, b = bytearray(), bytearray()
    c = client.wrap_socket(Pipe(a, b), server_hostname=name, do_handshake=False)
    s = server.wrap_socket(Pipe(b, a), server_side=True, do_handshake=False)
    c.setblocking(False)
    s.setblocking(False)
    for _ in range(10):
        c.write(b"")
        c.read(1)
        s.read(1)
    assert c.write(b"ping") == 4 and s.read(4) == b"ping" and s.write(b"pong") == 4 and c.read(4) == b"pong"
    cipher = c.cipher()
    if manner == "closed":
        c.close()
        s.close()
    return cipher
"""
REFUSALS = """
print(ussl.backend, connect(*contexts(GOOD, GOOD_KEY)))
for what, chain, key, name in (("expired", EXPIRED, EXPIRED_KEY, "test.example"),
                               ("wrong name", GOOD, GOOD_KEY, "other.example"),
                               ("untrusted", UNTRUSTED, UNTRUSTED_KEY, "test.example")):
    try:
        connect(*contexts(chain, key), name)
        print("ACCEPTED", what)
    except OSError as error:
        print("refused", what + ":", error)
print("done")
"""
# A client and a server in one heap, together with the script; nothing calls gc.collect() from here on.
IN_A_ROW = """
for version in [ussl.TLSv1_2, ussl.TLSv1_3][:1 + ussl.HAS_TLS1_3]:
    client, server = contexts(GOOD, GOOD_KEY)
    client.minimum_version = client.maximum_version = version
    gc.collect()
    hog = bytearray(gc.mem_free() + gc.mem_alloc() - HEAP)
    for i in range(CONNECTIONS):
        cipher = connect(client, server, manner="dropped" if i % 4 == 3 else "closed")
    print(i + 1, "connections in a row in a heap of", HEAP, "bytes,", cipher)
    hog = None
print("done")
"""
# A client in a fragmented heap of its own, with one reserved arena in it. The server, also with an arena, and the bytes on the wire
# are outside of that heap.
IN_PIECES = """
WIRE = 2 * RECORD + 4096
class Wire(io.IOBase):
    def __init__(self, here, there):
        self.here, self.there = here, there
    def readinto(self, buf):
        memory, begin, end = self.here
        n = min(len(buf), end - begin)
        if not n:
            return None
        buf[:n] = memory[begin:begin + n]
        self.here[1:] = (0, 0) if begin + n == end else (begin + n, end)
        return n
    def write(self, buf):
        memory, begin, end = self.there
        n = min(len(buf), WIRE - end)
        memory[end:end + n] = memoryview(buf)[:n]
        self.there[2] = end + n
        return n
    def ioctl(self, request, argument):
        return 0
    def setblocking(self, on):
        pass
up, down = [[memoryview(bytearray(WIRE)), 0, 0] for _ in range(2)]
record, part = bytes(range(256)) * (RECORD // 256), bytearray(512)
def once(closed):
    up[1:] = down[1:] = (0, 0)
    c = client.wrap_socket(Wire(down, up), server_hostname="test.example", do_handshake=False)
    s = server.wrap_socket(Wire(up, down), server_side=True, do_handshake=False)
    c.setblocking(False)
    s.setblocking(False)
    for _ in range(10):
        c.write(b"")
        c.read(1)
        s.read(1)
    sent = 0
    while sent < RECORD:
        sent += s.write(memoryview(record)[sent:])
    got = 0
    while got < RECORD:
        n = c.readinto(part)
        assert part[0] == got & 255 and part[n - 1] == (got + n - 1) & 255
        got += n
    assert c.write(b"ping") == 4 and s.read(4) == b"ping"
    cipher = c.cipher()
    if closed:
        c.close()
        s.close()
    return cipher
def cut_up():
    kept = holes = None
    try:
        while True:
            kept = (bytearray(512), kept)
            holes = (bytearray(512), holes)
    except MemoryError:
        return kept
arena = ussl.memory()["connection"]
client = server = hog = kept = cipher = i = None  # names take no memory any more when there is none
for version in [ussl.TLSv1_2, ussl.TLSv1_3][:1 + ussl.HAS_TLS1_3]:
    client, server = contexts(GOOD, GOOD_KEY)
    client.minimum_version = client.maximum_version = version
    once(True)  # contexts take their memory with the first connection
    for reserved in (0, 2):
        ussl.reserve(reserved)
        gc.collect()
        beside = 2 * WIRE + RECORD + (arena if reserved else 0)
        # In blocks that fit in wherever there is room.
        hog = [bytearray(4096) for _ in range((gc.mem_free() + gc.mem_alloc() - HEAP - beside) // 4096)]
        kept = cut_up()
        gc.collect()
        if reserved:
            for i in range(CONNECTIONS):
                cipher = once(i % 4 != 3)
            print(i + 1, "connections in a row in a heap of", HEAP, "bytes in pieces,", cipher, ussl.memory())
        else:
            try:
                once(True)
                print("it was not cut up:", ussl.memory())
            except MemoryError:
                print("none without ussl.reserve()")
        kept = hog = None
        gc.collect()
    ussl.reserve(0)
print("done")
"""


HEAP = 64 * 1024
HEAP_IN_PIECES = 96 * 1024


def run(command: Sequence[object], **options: Any) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=ROOT, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def material() -> tuple[str, str]:
    """The firmware examples' certificates: (seconds, text of Python constants)."""
    directory = BUILD / "mp-qemu-material"
    if not (directory / "material.hpp").exists():
        run([sys.executable, "examples/firmware/make_material.py", directory])
    text = (directory / "material.hpp").read_text()
    constants = ""
    for name, numbers in re.findall(r"(\w+)\[\] = \{([\d,]+)\}", text):
        name = "CA" if name == "authority" else name.upper()
        constants += f"{name} = {bytes(map(int, numbers.split(',')))!r}\n"
    now = re.search(r"now = (\d+)", text)
    assert now, "make_material.py writes it"
    return now[1], constants


def modules() -> Path:
    """A folder for USER_C_MODULES: our module, and functions that the port lacks."""
    directory = BUILD / "mp-qemu-modules"
    directory.mkdir(parents=True, exist_ok=True)
    for name, target in (("ussl", ROOT / "bindings/micropython"), ("board", ROOT / "examples/firmware/micropython")):
        link = directory / name
        if not link.is_symlink():
            link.symlink_to(target)
    return directory


def build(backend: str, variant: str, seconds: str, records: int = 0) -> tuple[Path, int, int]:
    tree = run(["tools/sources", "--directory", "micropython"]).strip()
    suffix = ("" if variant in ("", "both") else "-smallest") + (f"-{records}" if records else "")
    work = BUILD / f"mp-qemu-{backend or 'none'}{suffix}"
    folder = BUILD / "mp-qemu"
    command = ["make", "-j2", "-C", f"{tree}/ports/qemu", "BOARD=MPS2_AN385", f"BUILD={folder}", "PYTHON=/usr/bin/python3",
               "FROZEN_MANIFEST=", "MICROPY_HEAP_SIZE=400000"]
    flags = "-mcpu=cortex-m4"
    if shutil.which("ccache"):
        command += ["CC=ccache arm-none-eabi-gcc", "CXX=ccache arm-none-eabi-g++"]
    if backend:
        flags += f" -DUSSL_RANDOM=board_random -DUSSL_TIME=board_time -DBOARD_TIME={seconds}"
        command += [f"USER_C_MODULES={modules()}", f"USSL_BACKEND={backend}", *VARIANTS[variant],
                    f"USSL_RECORD_OUTPUT={records or 2048}", f"USSL_RECORD_INPUT={records or 4096}"]
    # The compiler's cache sees the folder's name: by one name for all images, one after the other, they share the interpreter's
    # objects.
    work.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder.unlink(missing_ok=True)
        folder.symlink_to(work.name)
        run([*command, f"CFLAGS_EXTRA={flags}", f"{folder}/firmware.elf"])
    text, data, bss = (int(part) for part in
                       run(["arm-none-eabi-size", work / "firmware.elf"]).splitlines()[1].split()[:3])
    return work / "firmware.elf", text + data, data + bss


def run_on_board(image: Path, script: str, seconds: float) -> str:
    """Runs a script through the raw REPL on the emulated serial line."""
    board = subprocess.Popen(["qemu-system-arm", "-M", "mps2-an386", "-display", "none", "-monitor", "none",
                              "-semihosting", "-serial", "stdio", "-kernel", str(image)],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert board.stdin and board.stdout
    out, end = b"", time.monotonic() + seconds
    try:
        board.stdin.write(b"\x01" + script.encode() + b"\x04")
        board.stdin.flush()
        # The script's output and its exception each end with a byte 4.
        while out.count(b"\x04") < 2 and time.monotonic() < end:
            if select.select([board.stdout], [], [], 1)[0]:
                out += os.read(board.stdout.fileno(), 4096)
    finally:
        board.kill()
        board.wait()
    ended = "" if out.count(b"\x04") >= 2 else f"\nno end within {seconds:.0f} seconds"
    return out.decode(errors="replace") + ended


def layers(image: Path) -> dict[str, int]:
    """Bytes of the image by owner, from the linker's map: the rest is the interpreter's."""
    found = {"library": 0, "adapter": 0, "core": 0, "module": 0}
    text = Path(f"{image.parent}/firmware.map").read_text(errors="replace").split("Linker script and memory map")[1]
    text = re.sub(r"\n (\.?[^\s*]+)\n\s+(0x)", r"\n \1 \2", text)  # long names have a line of their own
    output = None
    for line in text.splitlines():
        head = re.match(r"(\.\S+)", line)
        output = head.group(1) if head else output
        part = re.match(r" \S+\s+0x[0-9a-f]+\s+0x([0-9a-f]+)\s+(\S.*)$", line)
        if part and output in (".text", ".data"):
            # The interpreter's objects are in the build folder, ours below it under their full path.
            path = part.group(2).split(f"{ROOT}/")[-1].removeprefix("./").split("/")
            layer = {"subprojects": "library", "backends": "adapter", "core": "core", "bindings": "module"}.get(path[0])
            if layer == "adapter" and {"library", "amended"} & set(path):  # the library's own, included or changed by the backend
                layer = "library"
            if layer:
                found[layer] += int(part.group(1), 16)
    return found


COLUMNS = "| profile | backend | image, TLS minus none | KB | aimed at | library | adapter | core | module | static RAM |\n"


def document(rows: list[tuple[Any, ...]]) -> None:
    """Updates the table in docs/sizes.md; rows that were not measured now stay unchanged."""
    path = ROOT / "docs" / "sizes.md"
    page = path.read_text()
    lines = {tuple(part.strip() for part in line.split("|")[1:3]): line for line in inside(page, "micropython").splitlines()[2:]}
    for row in rows:
        lines[row[:2]] = "| " + " | ".join(map(str, row)) + " |"
    order = [(variant, backend) for variant in VARIANTS for backend in BACKENDS]
    table = COLUMNS + "|---|---|" + "--:|" * 8 + "\n" + "".join(lines[key] + "\n" for key in order if key in lines)
    path.write_text(with_inside(page, "micropython", table))


def number(arguments: list[str], name: str, otherwise: int) -> int:
    return max([int(word.partition("=")[2]) for word in arguments if word.startswith(name + "=")], default=otherwise)


def main() -> int:
    arguments = sys.argv[1:]
    documented = "--document" in arguments
    records = number(arguments, "--records", 0)
    in_pieces = "--in-pieces" in arguments
    variants = ["smallest + server"] if "--smallest" in arguments else ["both"] if "--both" in arguments else list(VARIANTS)
    backends = [name for name in arguments if not name.startswith("--")] or BACKENDS
    seconds, constants = material()
    _, plain, plain_ram = build("", "", seconds)
    print(f"without TLS: {plain} bytes")
    budgets = json.loads((ROOT / "tools" / "size-budgets.json").read_text())
    passed = failed = 0
    rows = []
    for variant, backend in ((variant, backend) for variant in variants for backend in backends):
        image, flash, ram = build(backend, variant, seconds, records)
        added = flash - plain
        print(f"{backend}, {variant}: {flash} bytes, {added:+} ({added / 1024:.1f} KB; the built-in module on "
              f"Mbed TLS: {BUILT_IN} KB); static RAM {ram - plain_ram:+}; {layers(image)}", flush=True)
        rows.append((variant, backend, added, f"{added / 1024:.1f}", TARGETS[backend], *layers(image).values(), ram - plain_ram))
        limit = budgets.get(f"micropython {variant} {backend}", {}).get("image", added)
        if added > limit and not records:
            failed += 1
            print(f"FAIL micropython {variant} {backend}: image is {added}, its budget {limit}")
        for script, proof in ((REFUSALS, r"refused|\('"), (IN_A_ROW, "in a row"), (IN_PIECES, "in a row|reserve")):
            pieces = script is IN_PIECES
            if pieces != in_pieces:
                continue
            connections = number(arguments, "--connections", 10 if pieces else 20)
            settings = f"CONNECTIONS = {connections}\nHEAP = {HEAP_IN_PIECES if pieces else HEAP}\nRECORD = {records or 4096}\n"
            said = run_on_board(image, f"{constants}{settings}{COMMON}{script}", 120 + 10 * connections)
            good = ("done" in said and "not cut up" not in said
                    and (script is not REFUSALS or (said.count("refused") == 3 and "ACCEPTED" not in said)))
            passed, failed = passed + good, failed + (not good)
            print("".join(f"    {line}\n" for line in said.splitlines() if not good or re.search(proof, line)), end="", flush=True)
    if documented:
        document(rows)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
