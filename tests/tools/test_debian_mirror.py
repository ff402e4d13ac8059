"""apt's lists of sources, and what apt prints."""

import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import archives
import debian_mirror


class Configured(unittest.TestCase):
    def configured(self, **files):
        """Of /etc/apt with these files: __ is / and _ is . in their names."""
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name, text in files.items():
                path = root / name.replace("__", "/").replace("_", ".")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)

            def elsewhere(path):
                return root if str(path) == "/etc/apt" else Path(path)

            with mock.patch.object(debian_mirror, "Path", elsewhere), \
                    mock.patch.object(debian_mirror, "os_release", lambda: {"VERSION_CODENAME": "bookworm"}):
                return debian_mirror.configured()

    def test_one_line_style(self):
        self.assertEqual(self.configured(sources_list="""
# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/k.gpg] http://a.example/debian/ bookworm main contrib
deb-src http://b.example/debian stable main
deb http://a.example/debian bookworm main
deb http://security.example/debian-security stable main
deb http://other.example/tools focal main
deb http://backports.example/debian-backports bookworm main
"""), [("http://a.example/debian", "/usr/share/keyrings/k.gpg"), ("http://b.example/debian", None)])

    def test_stanzas(self):
        self.assertEqual(self.configured(sources_list_d__debian_sources="""\
Types: deb
# a comment between fields
URIs: http://a.example/debian
  http://c.example/debian/
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/k.gpg

Types: deb
URIs: http://off.example/debian
Suites: bookworm
Enabled: no

Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
"""), [("http://a.example/debian", "/usr/share/keyrings/k.gpg"), ("http://c.example/debian", "/usr/share/keyrings/k.gpg")])

    def test_both_and_none(self):
        self.assertEqual(self.configured(sources_list="deb http://a.example/debian sid main\n",
                                         sources_list_d__x_list="deb http://b.example/debian testing main\n"),
                         [("http://a.example/debian", None), ("http://b.example/debian", None)])
        self.assertEqual(self.configured(), [])


def answer(stdout="", stderr="", code=0):
    return subprocess.CompletedProcess([], code, stdout, stderr)


class Mirrors(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.mirror = debian_mirror.Mirror(lambda text: None, pinned=True)
        self.mirror.suites = {"stable": ["-o", "x=y"], "testing": None, "unstable": ["-o", "x=z"]}
        self.mirror.root = self.folder

    def test_versions_of_the_suites_that_can_be_had(self):
        said = "Package: lib\nVersion: 3.6.6-1\nBinary: x\n\nPackage: lib\nVersion: 1:3.6.7-0.1\n"
        with mock.patch.object(debian_mirror, "run", return_value=answer(said)) as run:
            self.assertEqual(list(self.mirror.versions("lib", ["testing", "stable"])),
                             [("stable", "3.6.6-1"), ("stable", "1:3.6.7-0.1")])
            run.assert_called_once_with(["apt-cache", "-o", "x=y", "showsrc", "--only-source", "lib"])

    def download(self, digest, contents=b"archive", code=0):
        listing = (f"'http://a.example/pool/x_1.0-1.dsc' x_1.0-1.dsc 2000 SHA256:{'0' * 64}\n"
                   f"'http://a.example/pool/x_1.0.orig.tar.xz' x_1.0.orig.tar.xz 7 SHA256:{digest}\n")

        def run(command):
            if command[0] == "apt-get":
                return answer(listing)
            (self.folder / "x_1.0.orig.tar.xz").write_bytes(contents)
            return answer("", "no such host", code)

        with mock.patch.object(debian_mirror, "run", run):
            return self.mirror.download("x", "stable", "1.0-1", self.folder / "target")

    def test_download_checks_the_hash_of_the_index(self):
        (self.folder / "same").write_bytes(b"archive")
        digest = archives.sha256(self.folder / "same")
        self.assertEqual(self.download(digest), ("x_1.0.orig.tar.xz", digest))
        self.assertEqual((self.folder / "target").read_bytes(), b"archive")
        with self.assertRaises(archives.HashMismatch):
            self.download(digest, b"another")
        with self.assertRaisesRegex(OSError, "no such host"):
            self.download(digest, code=100)

    def test_no_archive_and_no_suite(self):
        with mock.patch.object(debian_mirror, "run", return_value=answer("", "E: Unable to find a source package")):
            with self.assertRaisesRegex(OSError, "no archive named\nE: Unable"):
                self.mirror.download("x", "stable", "1.0-1", self.folder / "target")
        with self.assertRaisesRegex(OSError, "testing is not available"):
            self.mirror.download("x", "testing", "1.0-1", self.folder / "target")

    def test_settings_leave_the_machine_alone(self):
        options = self.mirror._state(self.folder, "http://a.example/debian", "/k.gpg", "sid")
        self.assertEqual((self.folder / "sid" / "sources.list").read_text(),
                         "deb-src [signed-by=/k.gpg] http://a.example/debian sid main\n")
        self.assertIn(f"Dir::State={self.folder / 'sid'}", options)
        self.assertIn("Dir::Etc::sourceparts=/dev/null", options)
        self.assertIn("Acquire::AllowInsecureRepositories=false", options)
        # An index past its date serves where the caller knows the hashes, and only there.
        self.assertIn("Acquire::Check-Valid-Until=false", options)
        fresh = debian_mirror.Mirror(lambda text: None, pinned=False)
        self.assertIn("Acquire::Check-Valid-Until=true", fresh._state(self.folder, "http://a.example/debian", None, "sid"))
