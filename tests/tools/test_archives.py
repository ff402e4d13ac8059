"""Archives that are unpacked whole or not at all, and overlays."""

import hashlib
import io
import os
import tarfile
import tempfile
import unittest
from pathlib import Path
from typing import Any

import archives


class Folder(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def archive(self, *members):
        """(name, contents), or (name, a target) of a link with `link` as its third."""
        path = self.folder / "a.tar.gz"
        with tarfile.open(path, "w:gz") as tar:
            for name, contents, *kind in members:
                info = tarfile.TarInfo(name)
                if kind == ["link"]:
                    info.type, info.linkname = tarfile.SYMTYPE, contents
                    tar.addfile(info)
                elif kind == ["device"]:
                    info.type = tarfile.CHRTYPE
                    tar.addfile(info)
                else:
                    info.size = len(contents)
                    tar.addfile(info, io.BytesIO(contents))
        return path


class Unpacking(Folder):
    def test_one_top_folder_becomes_the_target(self):
        archives.unpack(self.archive(("top-1.0/a/b.c", b"text")), self.folder / "tree", {"sha256": "x"})
        self.assertEqual((self.folder / "tree" / "a" / "b.c").read_bytes(), b"text")
        self.assertEqual(archives.state_of(self.folder / "tree"), {"sha256": "x"})
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["a.tar.gz", "tree"], "nothing is left")

    def test_what_was_there_is_replaced(self):
        (self.folder / "tree").mkdir()
        (self.folder / "tree" / "old").write_text("old")
        archives.unpack(self.archive(("top/new", b"new")), self.folder / "tree", {})
        self.assertFalse((self.folder / "tree" / "old").exists())
        self.assertTrue((self.folder / "tree" / "new").exists())

    def test_what_leads_outside_is_refused_and_nothing_is_touched(self):
        cases: list[list[tuple[Any, ...]]] = [
            [("top/a", b""), ("/etc/passwd", b"")],
            [("top/../../a", b"")],
            [("top/tty", b"", "device")],
            [("one/a", b""), ("two/b", b"")],
            [("a", b"a file at the top")],
        ]
        for members in cases:
            with self.subTest(members=members):
                (self.folder / "tree").mkdir(exist_ok=True)
                (self.folder / "tree" / "old").write_text("old")
                with self.assertRaises(ValueError):
                    archives.unpack(self.archive(*members), self.folder / "tree", {})
                self.assertEqual((self.folder / "tree" / "old").read_text(), "old")
                self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["a.tar.gz", "tree"])

    def test_files_belong_to_who_unpacks(self):
        archives.unpack(self.archive(("top/a", b"")), self.folder / "tree", {})
        self.assertEqual((self.folder / "tree" / "a").stat().st_uid, os.getuid())


class Hashes(Folder):
    def test_check(self):
        path = self.folder / "file"
        path.write_bytes(b"contents" * (1 << 18))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        archives.check(path, digest)
        with self.assertRaisesRegex(archives.HashMismatch, f"{digest}, expected 00"):
            archives.check(path, "00")

    def test_no_state_or_a_broken_one_is_none(self):
        self.assertEqual(archives.state_of(self.folder), {})
        (self.folder / archives.STATE).write_text("{")
        self.assertEqual(archives.state_of(self.folder), {})


class Overlays(Folder):
    def test_links_that_follow_the_folder(self):
        overlay, tree = self.folder / "packagefiles" / "x", self.folder / "x-1.0"
        (overlay / "deep").mkdir(parents=True)
        tree.mkdir()
        (overlay / "meson.build").write_text("one")
        (overlay / "deep" / "file").write_text("two")
        (tree / "meson.build").write_text("the library's own")
        archives.overlay(overlay, tree)
        self.assertEqual(((tree / "meson.build").read_text(), (tree / "deep" / "file").read_text()), ("one", "two"))
        (overlay / "meson.build").write_text("edited")
        self.assertEqual((tree / "meson.build").read_text(), "edited")
        (overlay / "meson.build").unlink()
        archives.overlay(overlay, tree)
        self.assertFalse((tree / "meson.build").is_symlink(), "a link whose file is gone")
        self.assertTrue((tree / "deep" / "file").exists())
