"""packages.sh: what is missing, of what is needed and of what is wanted."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from backends import ROOT

# In place of the release's package manager: "installed" is what the test says.
DPKG_QUERY = """\
#!/bin/sh
for name; do :; done
case " $INSTALLED " in *" $name "*) printf installed ;; *) exit 1 ;; esac
"""
GROUPS = """
_packages_of() {
    case $1 in
    one) echo "tool=ls lost=no-such-command library +wish" ;;
    two) echo "python3-x:json python3-y:no_such_module" ;;
    *) return 1 ;;
    esac
}
"""


class Packages(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        program = self.folder / "dpkg-query"
        program.write_text(DPKG_QUERY)
        program.chmod(0o755)

    def sh(self, script, installed=""):
        text = f'tools={ROOT}/tools\n. "$tools/lib/packages.sh"\n{GROUPS if "_missing_of" in script else ""}{script}\n'
        return subprocess.run(["sh", "-euc", text], text=True, capture_output=True,
                              env={**os.environ, "INSTALLED": installed, "PATH": f"{self.folder}:{os.environ['PATH']}"})

    def missing(self, kind, *groups, installed=""):
        done = self.sh(f"_missing_of {kind} {' '.join(groups)}", installed)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.split()

    def test_needed(self):
        self.assertEqual(self.missing("needed", "one"), ["lost", "library"])
        self.assertEqual(self.missing("needed", "one", installed="library"), ["lost"])
        self.assertEqual(self.missing("needed", "one", "two", installed="library lost python3-y"), [])
        self.assertEqual(self.missing("needed", "two"), ["python3-y"])

    def test_wanted(self):
        self.assertEqual(self.missing("wanted", "one"), ["wish"])
        self.assertEqual(self.missing("wanted", "one", installed="wish"), [])
        self.assertEqual(self.missing("wanted", "two"), [])

    def test_an_unknown_group_is_refused(self):
        done = self.sh("need_packages no-such-group")
        self.assertEqual((done.returncode, done.stderr), (2, "need_packages: no group 'no-such-group'\n"))

    def test_groups_that_tools_name_are_there(self):
        asked = {"lint"}
        for path in (ROOT / "tools").iterdir():
            if path.is_file():
                for words in re.findall(r"^\s*need_packages ([a-z ]+)$", path.read_text(), re.M):
                    asked |= set(words.split())
        self.assertGreater(len(asked), 5)
        for group in sorted(asked):
            with self.subTest(group=group):
                self.assertEqual(self.sh(f"_packages_of {group} >/dev/null").returncode, 0)
