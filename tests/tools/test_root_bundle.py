"""Root bundles as tools/embed-roots writes them. What core/ makes of them is tests/unit/root_bundle.cpp's subject."""

import base64
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import root_bundle
from der import NULL, integer, oid, seq, tlv

TOOL = Path(__file__).resolve().parent.parent.parent / "tools" / "embed-roots"
ALGORITHM = seq(oid("1.2.840.10045.4.3.2"))
P256 = root_bundle.P256_HEAD + bytes(range(64))
CA = (oid("2.5.29.19"), tlv(1, b"\xff"), tlv(4, seq(tlv(1, b"\xff"))))


def name(text):
    return seq(tlv(0x31, seq(oid("2.5.4.3"), tlv(12, text.encode()))))


def certificate(subject="root", key=P256, begin=tlv(0x17, b"200101000000Z"), end=tlv(0x18, b"20500101000000Z"),
                extensions=(CA,), version=2, algorithm=ALGORITHM):
    parts = [tlv(0xa0, integer(version)), integer(1), ALGORITHM, name("issuer"), seq(begin, end), name(subject), key]
    if extensions:
        parts.append(tlv(0xa3, seq(*(seq(*extension) for extension in extensions))))
    return seq(seq(*parts), algorithm, tlv(3, b"\0", seq(integer(1), integer(1))))


def rsa(modulus, exponent=65537):
    return seq(seq(oid("1.2.840.113549.1.1.1"), NULL), tlv(3, b"\0", seq(integer(modulus), integer(exponent))))


class Roots(unittest.TestCase):
    def test_what_the_rules_look_at_is_read(self):
        root = root_bundle.Root(certificate(extensions=(
            (CA[0], tlv(4, seq(tlv(1, b"\xff"), integer(3)))),
            (oid("2.5.29.15"), tlv(4, tlv(3, b"\1\6"))),
            (oid("2.5.29.37"), tlv(4, seq(oid("1.3.6.1.5.5.7.3.1"), oid("1.3.6.1.5.5.7.3.4")))),
            (oid("2.5.29.17"), tlv(4, seq(tlv(0x82, b"a.example")))),
            (oid("2.5.29.30"), tlv(1, b"\xff"), tlv(4, seq(tlv(0xa0, seq(tlv(0x82, b"example")))))),
            (oid("1.2.3"), tlv(1, b"\xff"), tlv(4, NULL)))))
        more = root.extensions
        self.assertEqual((more.is_authority, more.path_length, more.key_usage, more.extended_key_usage), (True, 3, 6, 1))
        self.assertEqual(more.subject_alt_name, tlv(0x82, b"a.example"))
        self.assertEqual(more.name_constraints, tlv(0xa0, seq(tlv(0x82, b"example"))))
        self.assertTrue(more.unknown_critical)
        self.assertEqual((root.subject, root.key, root.form), (name("root"), P256, 2))
        self.assertEqual((root.not_before, root.not_after), (1577836800, 2524608000))

    def test_keys_are_kept_as_short_as_they_can_be_put_together_again(self):
        for key, form, size in ((P256, 2, 64), (root_bundle.P384_HEAD + bytes(96), 3, 96), (rsa(1 << 2047 | 1), 1, 258),
                                (rsa(1 << 4095 | 1), 1, 514), (rsa(1 << 2046 | 1), 0, None), (rsa(1 << 4096 | 1), 0, None),
                                (rsa(1 << 1023 | 1), 0, None), (rsa(1 << 2047 | 1, 3), 0, None)):
            kept = root_bundle.packed_key(key)
            self.assertEqual((kept[0], len(kept[1])), (form, size or len(key) + 2))

    def test_what_core_does_not_read_is_left_out(self):
        good = certificate()
        twice = certificate(extensions=(CA, CA))
        for bad in (b"", good[:-1], good + b"\0", twice, certificate(version=1), certificate(version=3),
                    certificate(begin=tlv(0x17, b"200230000000Z")), certificate(begin=tlv(0x17, b"2001010000Z")),
                    certificate(algorithm=seq(oid("1.2.840.10045.4.3.3"))), certificate(key=NULL)):
            self.assertEqual(root_bundle.readable([bad]), [])
        self.assertEqual(len(root_bundle.readable([good, twice])), 1)

    def test_names_are_packed_and_can_be_unpacked(self):
        names = [name(f"Authority {i} of {place}") for i in range(20) for place in ("Ländle", "Oz", "")]
        packer = root_bundle.Names(names)
        self.assertLessEqual(len(packer.fragments), root_bundle.MAX_FRAGMENTS)
        for whole, packed in zip(names, packer.packed()):
            self.assertLess(len(packed), len(whole))
            unpacked, rest = b"", packed
            while rest:
                if rest[0] < 0x80:
                    unpacked, rest = unpacked + rest[:1], rest[1:]
                elif rest[0] == 0x80:
                    unpacked, rest = unpacked + rest[1:2], rest[2:]
                else:
                    unpacked, rest = unpacked + packer.fragments[rest[0] - 0x81], rest[1:]
            self.assertEqual(unpacked, whole)

    def test_a_bundle_says_what_it_is_and_whether_it_is_whole(self):
        bundle = root_bundle.write(root_bundle.readable([certificate("b"), certificate("a")]), 86400)
        facts = root_bundle.facts(bundle)
        self.assertEqual((facts.roots, f"{facts.made:%Y-%m-%d}"), (2, "1970-01-02"))
        for wrong in (b"", bundle[:-1], bundle + b"\0", bundle[:50] + b"\0" + bundle[51:], b"X" + bundle[1:]):
            self.assertRaises(ValueError, root_bundle.facts, wrong)


class Tool(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.pem = self.folder / "roots.pem"
        self.pem.write_text("".join(f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(certificate(text)).decode()}"
                                    f"-----END CERTIFICATE-----\n" for text in ("one", "two", "three")))

    def run_tool(self, *words):
        return subprocess.run([sys.executable, str(TOOL), *map(str, words)], capture_output=True, text=True)

    def test_a_bundle_of_all_that_a_file_has(self):
        out, again = self.folder / "roots.bin", self.folder / "again.bin"
        done = self.run_tool("--bundle", self.pem, "--date", "2026-11-28", "--binary", out)
        self.assertEqual((done.returncode, done.stdout), (0, f"3 roots of 2026-11-28, {out.stat().st_size} bytes\n"))
        self.assertEqual(self.run_tool("--info", out).stdout, done.stdout)
        # A bundle is taken as it is.
        self.assertEqual(self.run_tool("--bundle", out, "--binary", again, "--source", self.folder / "roots.cpp").returncode, 0)
        self.assertEqual(again.read_bytes(), out.read_bytes())
        self.assertIn("Bytes built_in_roots()", (self.folder / "roots.cpp").read_text())

    def test_what_cannot_be_done_is_told(self):
        damaged, empty = self.folder / "damaged.bin", self.folder / "empty.pem"
        damaged.write_bytes(root_bundle.write(root_bundle.readable([certificate()]), 0)[:-1])
        empty.write_text("no certificate\n")
        for words in (("--info", damaged), ("--bundle", damaged, "--binary", self.folder / "x"),
                      ("--bundle", empty, "--binary", self.folder / "x"), ("--info", self.folder / "none"),
                      ("--bundle", damaged, "--binary", self.folder / "x", "one")):
            done = self.run_tool(*words)
            self.assertEqual(done.returncode, 1)
            self.assertTrue(done.stderr.startswith("embed-roots: "), done.stderr)
        self.assertFalse((self.folder / "x").exists())


if __name__ == "__main__":
    unittest.main()
