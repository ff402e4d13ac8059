"""docs/coming-from.md has every name of CPython's ssl, and of MicroPython's tls and ssl where its sources are here."""

import re
import ssl
import types
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "coming-from.md").read_text()
# Not of its interface: what it imports, and numbers of sockets.
IMPORTED = {"namedtuple", "socket", "socket_error", "SOCK_STREAM", "SOL_SOCKET", "SO_TYPE"}


def listed(section: str, of: str) -> tuple[set[str], list[str]]:
    """(names, beginnings of names) that a table has of CPython or MicroPython."""
    part = re.search(rf"^### {section}\n(.*?)(?=^#|\Z)", PAGE, re.M | re.S)
    assert part, section
    names = [name for line in part[1].splitlines() if line.startswith("| `") and line.split("|")[2].strip() in (of, "both")
             for name in re.findall(r"`([^`]+)`", line.split("|")[1])]
    return {name for name in names if not name.endswith("*")}, [name[:-1] for name in names if name.endswith("*")]


def missing(names: set[str], section: str, of: str) -> list[str]:
    exact, beginnings = listed(section, of)
    return sorted(name for name in names if name not in exact and not name.startswith(tuple(beginnings) or ("\0",)))


class Names(unittest.TestCase):
    def test_cpython(self):
        module = {name for name in dir(ssl) if not name.startswith("_") and name not in IMPORTED
                  and not isinstance(getattr(ssl, name), types.ModuleType)}
        self.assertEqual(missing(module, "The module", "CPython"), [])
        for section in ("SSLContext", "SSLSocket"):
            names = {name for name in dir(getattr(ssl, section)) if not name.startswith("_")}
            self.assertEqual(missing(names, section, "CPython"), [])

    def test_micropython(self):
        sources = sorted((ROOT / "subprojects").glob("micropython-1.*/extmod/modtls_mbedtls.c"))
        if not sources:
            self.skipTest("no source of MicroPython is here: tools/sources micropython brings it")
        text = sources[-1].read_text()
        for section, table in (("The module", "mp_module_tls_globals_table"), ("SSLContext", "ssl_context_locals_dict_table"),
                               ("SSLSocket", "ssl_socket_locals_dict_table")):
            rows = re.search(rf"{table}\[\] = {{(.*?)^}};", text, re.M | re.S)
            assert rows, table
            names = set(re.findall(r"MP_ROM_QSTR\(MP_QSTR_(\w+)\), MP_ROM_", rows[1]))
            self.assertGreater(len(names), 5)
            self.assertEqual(missing({name for name in names if not name.startswith("__")}, section, "MicroPython"), [])
        attributes = set(re.findall(r"attr == MP_QSTR_(\w+)", text))
        self.assertEqual(missing(attributes, "SSLContext", "MicroPython"), [])

    def test_no_name_is_there_twice(self):
        for section in ("The module", "SSLContext", "SSLSocket"):
            part = PAGE.split(f"### {section}\n")[1].split("\n#")[0]
            names = [name for line in part.splitlines() if line.startswith("| `")
                     for name in re.findall(r"`([^`]+)`", line.split("|")[1])]
            self.assertEqual(sorted(names), sorted(set(names)))


if __name__ == "__main__":
    unittest.main()
