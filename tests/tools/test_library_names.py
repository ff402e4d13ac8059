"""tools/library-names: a symbol gets its prefix, and keeps its declaration."""

import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADER = """
#ifndef TheirFind
void* TheirFind(void);
#endif
void* TheirTake(void);
"""
SOURCE = """
#include "their.h"
static int kept;
void* TheirTake(void) { return TheirFind(); }
void* TheirFind(void) { return &kept; }
"""


class LibraryNames(unittest.TestCase):
    def test_what_a_header_asks_for_stays_declared(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            (work / "src").mkdir()
            (work / "src/their.h").write_text(HEADER)
            (work / "src/find.c").write_text(SOURCE)
            names = work / "names.h"
            subprocess.run([ROOT / "tools/library-names", names, work / "src/find.c"], check=True)
            subprocess.run(["cc", "-Werror=implicit-function-declaration", "-include", names, "-c", work / "src/find.c", "-o",
                            work / "find.o"], check=True)
            symbols = subprocess.run(["nm", work / "find.o"], check=True, capture_output=True, text=True).stdout
            self.assertEqual({line.split()[-1] for line in symbols.splitlines() if " T " in line},
                             {"ussl_TheirFind", "ussl_TheirTake"})


if __name__ == "__main__":
    unittest.main()
