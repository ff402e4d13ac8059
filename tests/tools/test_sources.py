"""tools/sources: which archive serves, and what happens where none does."""

import contextlib
import hashlib
import importlib.util
import io
import json
import tarfile
import tempfile
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any
from unittest import mock

import archives
from backends import ROOT

loader = SourceFileLoader("sources", str(ROOT / "tools" / "sources"))
spec = importlib.util.spec_from_loader("sources", loader)
assert spec
sources: Any = importlib.util.module_from_spec(spec)
loader.exec_module(sources)

WRAP = """\
[wrap-file]
directory = lib-2.0
source_url = https://lib.example/lib-2.0.tar.gz
source_filename = lib-2.0.tar.gz
source_hash = {digest}
patch_directory = lib
"""


def tarball(version):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        info = tarfile.TarInfo(f"lib-{version}/version")
        info.size = len(version)
        tar.addfile(info, io.BytesIO(version.encode()))
    return out.getvalue()


NEW, OLD, NEXT = tarball("2.0"), tarball("1.0"), tarball("2.1")


def digest(data):
    return hashlib.sha256(data).hexdigest()


class Mirror:
    """Has these (suite, Debian's version): archive."""

    def __init__(self, has=()):
        self.has = dict(has)

    def versions(self, package, suites):
        return [key for key in self.has if key[0] in suites]

    def download(self, package, suite, version, target):
        data = self.has[suite, version]
        target.write_bytes(data)
        return f"{package}_{version.rpartition('-')[0]}.orig.tar.xz", digest(data)


class Providing(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)
        self.subprojects = self.root / "subprojects"
        self.cache = self.subprojects / "packagecache"
        self.cache.mkdir(parents=True)
        (self.subprojects / "packagefiles" / "lib").mkdir(parents=True)
        (self.subprojects / "lib.wrap").write_text(WRAP.format(digest=digest(NEW)))
        for name, value in {"ROOT": self.root, "SUBPROJECTS": self.subprojects, "CACHE": self.cache,
                            "CHOSEN": self.cache / "chosen.json"}.items():
            patch = mock.patch.object(sources, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        self.lib = sources.Source("lib", "2.0", "lib", ["stable"], instead="lib-1.0", series=r"2\.")
        self.old = sources.Source("lib-1.0", "1.0", "lib", ["stable"], "lib-1.0", repacked=("1.0+ds", digest(OLD)))
        known = mock.patch.object(sources, "SOURCES", {"lib": self.lib, "lib-1.0": self.old})
        known.start()
        self.addCleanup(known.stop)

    def provide(self, mirror=(), upstream=None, retry=False, offline=None):
        """What was said while `lib` was provided. upstream: what its authors' site answers."""
        run = sources.Run(offline, retry)
        run.mirror = run.fresh_mirror = Mirror(mirror)

        def fetch(url, target):
            if upstream is None:
                return False
            target.write_bytes(upstream)
            return True

        run.upstream = mock.Mock(fetch=fetch)
        with contextlib.redirect_stdout(io.StringIO()) as said:
            run.provide(self.lib)
        return said.getvalue()

    def chosen(self):
        entry = json.loads((self.cache / "chosen.json").read_text())["lib"]
        return entry["version"], entry["served_by"]

    def version(self, tree="lib-2.0"):
        return (self.subprojects / tree / "version").read_text()

    def test_the_wrap_says_url_hash_and_folder(self):
        self.assertEqual((self.lib.directory, self.lib.upstream, self.lib.filename),
                         ("lib-2.0", ("https://lib.example/lib-2.0.tar.gz", digest(NEW)), "lib-2.0.tar.gz"))
        self.assertEqual(self.lib.pins(), {"lib-2.0.tar.gz": digest(NEW)})
        self.assertEqual(self.old.pins(), {"lib_1.0+ds.orig.tar.xz": digest(OLD)})

    def test_the_cache_comes_first(self):
        (self.cache / "lib-2.0.tar.gz").write_bytes(NEW)
        self.provide(upstream=b"never asked")
        self.assertEqual((self.version(), self.chosen()), ("2.0", ("2.0", "lib")))

    def test_upstream_then_nothing_more_to_do(self):
        self.provide(upstream=NEW)
        self.assertEqual((self.version(), self.chosen()), ("2.0", ("2.0", "lib")))
        self.assertTrue((self.cache / "lib-2.0.tar.gz").exists())
        self.assertEqual(self.provide(), "", "a tree from the pinned archive costs nothing")

    def test_a_wrong_hash_is_refused_wherever_it_comes_from(self):
        with self.assertRaisesRegex(sources.Failure, "not the archive that this project was checked with"):
            self.provide(upstream=OLD)
        with self.assertRaisesRegex(sources.Failure, "it came from Debian stable"):
            self.provide(mirror={("stable", "2.0-1"): OLD})
        self.assertEqual(sorted(path.name for path in self.cache.iterdir()), [], "nothing of it is kept")
        (self.cache / "lib-2.0.tar.gz").write_bytes(OLD)
        with self.assertRaisesRegex(sources.Failure, "delete it and try again"):
            self.provide()
        self.assertFalse((self.subprojects / "lib-2.0").exists())

    def test_debian_versions_have_an_epoch_and_a_revision(self):
        self.provide(mirror={("stable", "2.0.1-1"): NEXT, ("stable", "1:2.0-3"): NEW})
        self.assertEqual((self.version(), self.chosen()), ("2.0", ("2.0", "lib")))

    def test_another_pinned_version_serves_in_its_place_until_retried(self):
        self.provide(mirror={("stable", "1.0+ds-1"): OLD, ("stable", "2.1-1"): NEXT})
        self.assertEqual((self.version("lib-1.0"), self.chosen()), ("1.0", ("1.0", "lib-1.0")))
        self.assertIn("served by 1.0 since an earlier run", self.provide(upstream=NEW))
        self.provide(upstream=NEW, retry=True)
        self.assertEqual((self.version(), self.chosen()), ("2.0", ("2.0", "lib")))

    def test_then_one_of_its_series(self):
        said = self.provide(mirror={("stable", "3.0-1"): OLD, ("stable", "2.1-1"): NEXT})
        self.assertIn("2.1 stands in for it, checked against the signed index only", said)
        self.assertEqual((self.version(), self.chosen()), ("2.1", ("2.1", "lib")))
        self.assertEqual(archives.state_of(self.subprojects / "lib-2.0")["instead"], "2.1")

    def test_nowhere(self):
        with self.assertRaisesRegex(sources.Failure, "no place that can be reached has lib 2.0.\n  Put lib-2.0.tar.gz into"):
            self.provide()

    def test_offline_from_a_folder_under_either_name(self):
        for name in ("lib-2.0.tar.gz", "lib_2.0.orig.tar.gz"):
            with self.subTest(name=name), tempfile.TemporaryDirectory() as folder:
                (self.cache / "lib-2.0.tar.gz").unlink(missing_ok=True)
                (Path(folder) / name).write_bytes(NEW)
                self.lib.tree = self.subprojects / f"tree-of-{name}"
                self.provide(offline=Path(folder), upstream=b"never asked")
                self.assertEqual(self.version(self.lib.tree.name), "2.0")


class OfThisTree(unittest.TestCase):
    def test_each_name_that_serves_instead_is_one(self):
        for source in sources.SOURCES.values():
            self.assertTrue(source.pins(), source.name)
            self.assertIn(source.instead or source.name, sources.SOURCES)
