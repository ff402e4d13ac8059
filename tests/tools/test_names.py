"""Backends are found, not named: what is known of one lies in its folder, and no line of core/, bindings/, tests/ and tools/ has
its name but for the reasons below."""

import re
import subprocess
import unittest

from backends import ROOT, all_backends, facts

WHERE = ["core", "bindings", "tests", "tools", "meson.build"]
# (files, what the line has, why). One that no line needs any more fails.
ALLOWED = [
    (r"core/include/ussl/context.hpp", r"// of its folder: ", "what a name is like"),
    (r"bindings/micropython/micropython\.(mk|cmake)|core/archive\.cmake", r"USSL_BACKEND|USSL_MBEDTLS_DIR",
     "the default, and how it is set"),
    (r"tools/build-micropython|tests/embedding/ways.py|bindings/micropython/patches/.*",
     r"MICROPY_SSL_MBEDTLS|lib[_/]mbedtls|mbedtls_port|builtin\) library=",
     "MicroPython's own module is on Mbed TLS: its variables and folders"),
    (r"tools/lib/run_peer_tests.py", r"MBEDTLS_(ERR|VERSION|NAME)|ONLY_ON_MBEDTLS", "MicroPython's own tests expect its words"),
    (r"tests/tools/test_coming_from.py", r"modtls_mbedtls", "the source of MicroPython's own module"),
    (r"tools/size-budgets.json", r'"[\w -]+ [\w +]+ \w+": \{', "a bound for each image"),
    (r"tests/corpus/differences.txt", r"", "whose tests a file is of, and who differs on it"),
    (r"tests/tools/test_size_report.py", r"", "map files are full of the names of archives"),
]


def uses(name: str) -> list[str]:
    """Patterns of what must not be there. Some names are peers' as well: `openssl s_server` is no backend."""
    if facts(name).get("also_a_peer"):
        return [rf"\b{name}.*backend", rf"backend.*\b{name}\b", rf"\bussl(::|/|-){name}\b"]
    return [name]


def lines() -> list[tuple[str, str]]:
    names = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *WHERE], cwd=ROOT, text=True,
                           capture_output=True, check=True).stdout.splitlines()
    texts = {name: (ROOT / name).read_bytes() for name in names if (ROOT / name).is_file() and name != "tests/tools/test_names.py"}
    return [(name, line) for name, text in texts.items() if b"\0" not in text
            for line in text.decode(errors="replace").splitlines()]


class Names(unittest.TestCase):
    def test_no_line_names_a_backend(self) -> None:
        bad = re.compile("|".join(pattern for name in all_backends() for pattern in uses(name)), re.I)
        needed = set()
        named = []
        for name, line in lines():
            if not bad.search(line):
                continue
            allowed = {entry for entry in ALLOWED if re.fullmatch(entry[0], name) and re.search(entry[1], line)}
            needed |= allowed
            if not allowed:
                named.append(f"{name}: {line.strip()}")
        self.assertEqual(named, [])
        self.assertEqual(set(ALLOWED) - needed, set())

    def test_a_peer_of_the_same_name_is_told_apart(self) -> None:
        peers = [name for name in all_backends() if facts(name).get("also_a_peer")]
        self.assertTrue(peers)
        for name in peers:
            for line, expected in [(f"{name} s_server -accept 1", False), (f"#include <{name}/evp.h>", False),
                                   (f"'{name}' not in backend_names", True), (f'backend == "{name}"', True),
                                   (f"--backend {name}", True), (f"backends/{name}/src", True), (f"ussl::{name}::Traits", True)]:
                with self.subTest(line=line):
                    self.assertEqual(any(re.search(pattern, line, re.I) for pattern in uses(name)), expected)
