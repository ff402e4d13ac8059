"""The list of backends, and their lists of differences."""

import argparse
import ast
import tempfile
import types
import unittest
from pathlib import Path
from unittest import mock

import arguments
import backends

OPTIONS = """\
option('tls_backend', type: 'combo', choices: ['two', 'one', 'system'], value: 'two')
option('extra_backends', type: 'array', choices: ['other'], value: [])
"""
DIFFERENCES = """\
# NAME [TLSv1.x] [VERSION] : WHY
everywhere : of this library
in-1-3 TLSv1.3 : the newer one
in-2-7 2.7. : of one series
in-both TLSv1.2 2.7.1 : of one version
"""


class Found(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)
        patch = mock.patch.object(backends, "ROOT", self.root)
        patch.start()
        self.addCleanup(patch.stop)
        (self.root / "meson_options.txt").write_text(OPTIONS)
        for name in ("one", "two", "system"):
            (self.root / "backends" / name).mkdir(parents=True)
        (self.root / "subprojects").mkdir()
        for name in ("one", "two", "two-1.0", "two-1.2", "doctest"):
            (self.root / "subprojects" / f"{name}.wrap").touch()

    def test_in_the_order_of_the_option(self):
        self.assertEqual(backends.all_backends(), ["two", "one", "system"])

    def test_with_sources_and_older_versions(self):
        self.assertEqual(backends.with_sources(["system", "one", "two"]), ["one", "two"])
        self.assertEqual(backends.older_versions(["one", "two"]), ["two-1.0", "two-1.2"])

    def test_a_folder_without_a_word_and_a_word_without_a_folder(self):
        (self.root / "backends" / "third").mkdir()
        (self.root / "backends" / "one").rmdir()
        with self.assertRaisesRegex(SystemExit, "one, third: only in one of"):
            backends.all_backends()

    def test_facts(self):
        (self.root / "backends" / "one" / "tools.json").write_text('{"tls": ["1.2"]}')
        self.assertEqual(backends.facts("one"), {"tls": ["1.2"]})


class Differences(unittest.TestCase):
    """The scripts' own reader runs in MicroPython; it is plain enough to run here."""

    def differs(self, what, version=None, library="2.7.1"):
        source = (backends.ROOT / "tests" / "scripts" / "lib" / "support.py").read_text()
        function = next(node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == "differs")
        with tempfile.TemporaryDirectory() as folder:
            lib = Path(folder) / "tests" / "scripts" / "lib"
            lib.mkdir(parents=True)
            (Path(folder) / "backends" / "one").mkdir(parents=True)
            (Path(folder) / "backends" / "one" / "differences.txt").write_text(DIFFERENCES)
            names = {"sys": types.SimpleNamespace(path=[".frozen", str(lib)]),
                     "ussl": types.SimpleNamespace(backend=("one", library))}
            exec(compile(ast.Module([function], []), "support.py", "exec"), names)
            return names["differs"](what, version)  # type: ignore[operator]

    def test_differs(self):
        for what, version, library, expected in [
            ("everywhere", None, "1.0", True),
            ("everywhere", 0x304, "1.0", True),
            ("every", None, "1.0", False),
            ("NAME", None, "1.0", False),
            ("in-1-3", 0x304, "1.0", True),
            ("in-1-3", 0x303, "1.0", False),
            ("in-1-3", None, "1.0", True),
            ("in-2-7", None, "2.7.9", True),
            ("in-2-7", None, "2.8.0", False),
            ("in-both", 0x303, "2.7.1", True),
            ("in-both", 0x304, "2.7.1", False),
            ("in-both", 0x303, "2.7.2", False),
        ]:
            with self.subTest(what=what, version=version, library=library):
                self.assertEqual(self.differs(what, version, library), expected)


class Names(unittest.TestCase):
    def test_names(self):
        split = arguments.names(["a", "b"])
        self.assertEqual(split("b,a"), ["b", "a"])
        with self.assertRaisesRegex(argparse.ArgumentTypeError, "c: one of a, b"):
            split("a,c")
