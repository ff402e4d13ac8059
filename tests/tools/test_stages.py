"""What counts as passed, and what the linters look at."""

import ast
import contextlib
import io
import sys
import tempfile
import unittest
from unittest import mock

import coverage
import lint
import stages

DOCTEST = """\
[doctest] doctest version is "2.4.11"
===============================================================================
[doctest] test cases:   12 |   10 passed | 2 failed | 31 skipped
[doctest] assertions: 1000 |  998 passed | 2 failed |
"""


class Counts(unittest.TestCase):
    def test_counts_in(self):
        for text, counts in [
            ("", (0, 0)),
            ("5 passed, 1 failed\n", (5, 1)),
            ("a\n5 passed, 1 failed\nb\n7 passed, 0 failed", (12, 1)),
            ("  5 passed, 1 failed\n", (0, 0)),
            (DOCTEST, (10, 2)),
            (DOCTEST + "3 passed, 4 failed\n", (13, 6)),
        ]:
            with self.subTest(text=text):
                self.assertEqual(stages.counts_in(text), counts)

    def command(self, script, **options):
        """(result, passed, failed) of a stage."""
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(stages, "LOGS", folder):
            run = stages.Run()
            with contextlib.redirect_stdout(io.StringIO()):
                good = run.command("a stage", [sys.executable, "-c", script], **options)
        self.assertEqual(bool(run.complaints), run.failed > 0)
        return good, run.passed, run.failed

    def test_a_stage_that_did_not_run_has_not_passed(self):
        self.assertEqual(self.command("print('3 passed, 0 failed')"), (True, 3, 0))
        self.assertEqual(self.command("print('3 passed, 2 failed')"), (False, 3, 2))
        self.assertEqual(self.command("print('3 passed, 0 failed'); raise SystemExit(1)"), (False, 3, 1))
        self.assertEqual(self.command("print('0 passed, 0 failed')"), (False, 0, 1))
        self.assertEqual(self.command("raise SystemExit(1)"), (False, 0, 1))
        self.assertEqual(self.command("", counted=False), (True, 0, 0))
        self.assertEqual(self.command("print('3 passed, 0 failed'); raise SystemExit(1)", counted=False), (False, 0, 1))


class Linted(unittest.TestCase):
    def test_kinds_of_files(self):
        for name, first, python, hosts, shell in [
            ("tools/sources", "#!/usr/bin/python3\n", True, True, False),
            ("tools/lib/a.py", '"""What it is."""\n', True, True, False),
            ("tests/scripts/a.py", "# For MicroPython.\n", True, False, False),
            ("tools/test", "#!/bin/sh\n", False, False, True),
            (".ci/run", "#!/usr/bin/env bash\n", False, False, True),
            ("tools/lib/packages.sh", "# shellcheck shell=sh\n", False, False, True),
            ("README.md", "# ussl\n", False, False, False),
            ("core/src/a.cpp", "// sh\n", False, False, False),
        ]:
            with self.subTest(name=name):
                self.assertEqual((lint.is_python(name, first), lint.is_python(name, first) and lint.is_for_hosts(first),
                                  lint.is_shell(name, first)), (python, hosts, shell))

    def test_files_begin_as_the_linters_expect(self):
        names = lint.files("*.py")
        self.assertIn("tools/lib/lint.py", names)
        for name in names:
            first = lint.first_line(name)
            with open(f"{stages.ROOT}/{name}") as file:
                imported = {alias.name if isinstance(node, ast.Import) else node.module
                            for node in ast.parse(file.read()).body if isinstance(node, (ast.Import, ast.ImportFrom))
                            for alias in node.names}
            if imported & {"support", "ussl"}:
                self.assertFalse(lint.is_for_hosts(first), name)
            if imported & {"subprocess", "pathlib"}:
                self.assertTrue(lint.is_for_hosts(first), name)

    def test_folders(self):
        self.assertEqual(lint.by_folder(["a/make.py", "b/make.py", "a/der.py"]), [["a/make.py", "a/der.py"], ["b/make.py"]])

    def check(self, *scripts):
        run = stages.Run()
        with contextlib.redirect_stdout(io.StringIO()):
            lint.check(run, "a linter", [[sys.executable, "-c", script] for script in scripts], "")
        return run.passed, run.failed

    def test_a_linter_with_nothing_to_look_at_has_not_passed(self):
        self.assertEqual(self.check("", ""), (1, 0))
        self.assertEqual(self.check("", "raise SystemExit(1)"), (0, 1))
        self.assertEqual(self.check(), (0, 1))


class Coverage(unittest.TestCase):
    def test_ranges(self):
        self.assertEqual(coverage.ranges([]), "")
        self.assertEqual(coverage.ranges([7, 12, 5, 6, 20, 21]), "5-7, 12, 20-21")
