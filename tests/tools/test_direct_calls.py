"""Whether a program with one backend has all functions of the interface: ussl/backend/direct_calls.hpp defines each that the
headers declare. A missing one shows only when a program calls it, and is linked."""

import re
import unittest

from backends import ROOT

HEADERS = ROOT / "core/include/ussl"


class DirectCalls(unittest.TestCase):
    def test_each_function_is_defined(self) -> None:
        definitions = (HEADERS / "backend/direct_calls.hpp").read_text()
        for name in ("Context", "Session"):
            header = (HEADERS / f"{name.lower()}.hpp").read_text()
            declared = re.findall(r"USSL_VIRTUAL [^;]*?\b(\w+)\(", header)
            self.assertGreater(len(declared), 3)
            self.assertEqual(sorted(declared), sorted(re.findall(rf"\b{name}::(\w+)\(", definitions)))


if __name__ == "__main__":
    unittest.main()
