"""The table of switches, and whether everything else that names them is as it says."""

import re
import subprocess
import unittest

import size_report
import switch_table
from switch_table import BLOCKS, FILES, MODULE, ROOT, blocks_of, read, rewritten

HEAD = "[options]\nUSSL_PROFILE small,large large - - - : profile\n"


def tree(*endings: str) -> dict[str, str]:
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True,
                            capture_output=True, check=True).stdout
    return {name: (ROOT / name).read_text() for name in listed.split("\0")
            if name.endswith(endings) and (ROOT / name).is_file() and not name.startswith("subprojects/")}


class Table(unittest.TestCase):
    def test_a_row(self):
        client, p384, key_log, buffer, hosted, time = read(HEAD + """\
# a comment
USSL_CLIENT 0..1 0,1 client library - : client role
- - - ecdsa core client,hosted : with; and without
USSL_LOG 0..1 0,host log library - : log
USSL_BUFFER 64..512 64,128 - - - : a buffer; of bytes
USSL_HOSTED 0..1 unix - - - : system
[of the module for MicroPython]
USSL_TIME name - - - - : the time
""")[1:]
        self.assertEqual((client.name, client.short, client.default, client.capability, client.by, client.more),
                         ("USSL_CLIENT", "client", ["0", "1"], "client", "library", ""))
        self.assertEqual((p384.name, p384.needs, p384.title, p384.more), ("", ["client", "hosted"], "with", "and without"))
        self.assertEqual((buffer.range, buffer.default_in(1)), ((64, 512), "128"))
        self.assertEqual((key_log.default, hosted.default, hosted.default_in(1)), (["0", "host"], ["unix"], "unix"))
        self.assertEqual((time.section, time.default), (MODULE, [""]))

    def test_a_wrong_row(self):
        for row, complaint in [
            ("USSL_A 0..1 1", "no row"),
            ("[others]\nUSSL_A 0..1 1 - - - : a", "none of the headings"),
            ("USSL_A 0..1 1 - - - : a\nUSSL_A 0..1 0 - - - : a", "twice: USSL_A"),
            ("USSL_A 0..1 1 a core - : a\nUSSL_B 0..1 0 a core - : b", "twice: a"),
            ("- - - - - - : a", "neither"),
            ("USSL_A 0..1 1 a - - : a", "BY says"),
            ("USSL_A 0..1 1 - core - : a", "BY says"),
            ("USSL_A 0..1 1 a core b : a", "NEEDS names no switch: b"),
            ("USSL_A 0,1 1 - - - : a", "VALUES"),
            ("USSL_A 0..1 1,1,1 - - - : a", "DEFAULT: one, or 2"),
            ("USSL_A 0..1 2 - - - : a", "DEFAULT: 2"),
            ("USSL_A 0..1 yes - - - : a", "DEFAULT: yes"),
            ("USSL_A 0..1 host - - - : a", "DEFAULT: host"),
            ("USSL_A 0..1 0,unix - - - : a", "DEFAULT: unix"),
            ("USSL_A 0..1 0,long - - - : a", "DEFAULT: long"),
            ("USSL_A 64..128 0,64 - - - : a", "DEFAULT: 0"),
            ("USSL_A 64..128 unix - - - : a", "DEFAULT: unix"),
            ("USSL_A 64..128 128/63 - - - : a", "DEFAULT: 128/63"),
            ("USSL_A 64..128 64/65/66 - - - : a", "DEFAULT: 64/65/66"),
            ("USSL_A 64..128 64,64/65 - - - : a", "DEFAULT: 64/65"),
        ]:
            with self.subTest(row=row), self.assertRaisesRegex(SystemExit, complaint):
                read(HEAD + row + "\n")
        with self.assertRaisesRegex(SystemExit, "the first row is USSL_PROFILE"):
            read("[options]\nUSSL_A 0..1 1 - - - : a\n")


class Defaults(unittest.TestCase):
    """What the compiler makes of the defaults that it decides."""

    def value(self, name, *defines):
        command = ["g++", "-std=c++20", "-E", "-P", "-x", "c++", f"-I{ROOT}/core/include", "-U__unix__", "-U__APPLE__", *defines,
                   "-"]
        text = f"#include <ussl/features.hpp>\nvalue: {name}\n"
        return subprocess.run(command, input=text, text=True, capture_output=True, check=True).stdout.split("value:")[1].strip()

    def test_memory_for_long_records_is_short_unless_the_peer_is_known(self):
        host, known, both = "-D__unix__", "-DUSSL_RECORD_INPUT=4096", "-DUSSL_SHORT_BUFFERS=1"
        for defines, short, output in (((), "1", "2048"), ((host,), "1", "16384"), ((known,), "0", "2048"),
                                       ((known, both), "1", "2048"), ((known, host), "1", "16384"),
                                       (("-DUSSL_SHORT_BUFFERS=0",), "0", "2048"), (("-DUSSL_RECORD_OUTPUT=512",), "1", "512")):
            with self.subTest(defines=defines):
                self.assertEqual(self.value("USSL_SHORT_BUFFERS", *defines), short)
                self.assertEqual(self.value("USSL_RECORD_OUTPUT", *defines), output)


class Written(unittest.TestCase):
    """What tools/switches writes."""

    def setUp(self):
        self.rows = switch_table.table()
        self.texts = {name: (ROOT / name).read_text() for name in FILES}

    def test_is_as_the_table_has_it(self):
        for name, text in self.texts.items():
            self.assertEqual(rewritten(text, self.rows), text, f"{name}: run tools/switches")

    def test_each_block_is_in_one_place(self):
        self.assertEqual(sorted(block for text in self.texts.values() for block in blocks_of(text)), sorted(BLOCKS))

    def test_a_missing_line_and_one_too_many_are_seen(self):
        for name, text in self.texts.items():
            blocks = [(match.start(3), match.end(3)) for match in switch_table.BLOCK.finditer(text)]
            for start, end in blocks:
                lines = text[start:end].splitlines(keepends=True)
                for number, line in enumerate(lines):
                    without = text[:start] + "".join(lines[:number] + lines[number + 1:]) + text[end:]
                    twice = text[:start] + "".join(lines[:number] + [line] + lines[number:]) + text[end:]
                    self.assertEqual((rewritten(without, self.rows), rewritten(twice, self.rows)), (text, text))

    def test_a_new_switch_comes_into_all_of_them(self):
        table = (ROOT / switch_table.TABLE).read_text()
        more = read(table.replace("USSL_ALPN ", "USSL_NEW 0..1 0 new library - : new\nUSSL_ALPN "))
        for name, text in self.texts.items():
            self.assertNotRegex(text, r"(?i)\b(USSL_)?NEW\b")
            self.assertRegex(rewritten(text, more), r"\bUSSL_NEW\b|USSL_SWITCH\(NEW\)|\bfeatures::new\b|'new'")


class Named(unittest.TestCase):
    """Who else names switches."""

    def setUp(self):
        self.rows = switch_table.table()
        self.switches = {row.name for row in self.rows if row.name}

    def test_what_a_condition_asks_for_is_there(self):
        sources = tree(".c", ".cpp", ".h", ".hpp", ".S")
        given = set(re.findall(r"^\s*#\s*define\s+(USSL_\w+)", "\n".join(sources.values()), re.M))
        builds = tree("meson.build", ".mk", ".cmake", ".py").values()
        given |= {name for text in builds for name in re.findall(r"-D(USSL_\w+)", text)}
        for file, text in sources.items():
            if file == FILES[0]:
                continue  # itself: it joins names
            for line in re.findall(r"^\s*#\s*(?:el)?if(?:n?def)?\b((?:.*\\\n)*.*)", text, re.M):
                for name in re.findall(r"\bUSSL_\w+", line.split("//")[0]):
                    self.assertIn(name, self.switches | given, f"{file}: no such switch")

    def test_a_switch_is_asked_for_in_two_ways(self):
        names = "|".join(self.switches - {"USSL_RANDOM", "USSL_TIME"})
        macro = rf"\b({names})\b"
        for file, text in tree(".c", ".cpp", ".h", ".hpp").items():
            if file in FILES:
                continue
            for line in text.splitlines():
                self.assertNotRegex(line, rf"#\s*ifn?def\s+{macro}|defined\s*\(?\s*{macro}", file)
                if not file.startswith("tests/") or "#" not in line:
                    self.assertNotRegex(line, r"\b__(unix|APPLE)__\b", f"{file}: USSL_HOSTED says it")
                switches = [row.name for row in self.rows if row.is_boolean and row.section != MODULE]
                if not re.match(r"\s*#", line):
                    self.assertNotRegex(line.split("//")[0], rf"\b({'|'.join(switches)})\b", f"{file}: features:: has it")

    def test_each_switch_is_asked_for(self):
        texts = [text for name, text in tree(".c", ".cpp", ".h", ".hpp", ".S").items() if name not in FILES]
        for row in self.rows[1:]:
            if row.name:
                asked = re.compile(rf"\b{row.name}\b|\bfeatures::{row.short}\b|\bcan\.{row.capability or '-'}\b")
                self.assertTrue(any(asked.search(text) for text in texts), f"{row.name}: nothing asks for it")

    def test_the_documentation_knows_no_other(self):
        variables = re.compile(r"\bUSSL_[A-Z0-9_]*[A-Z0-9]\b(?!\()")
        known = self.switches | {name for text in tree(".c", ".cpp", ".h", ".hpp", ".mk", ".cmake", "meson.build").values()
                                 for name in variables.findall(text)}
        for file, text in tree(".md").items():
            if file == "CHANGELOG.md":  # It names those that went, too.
                continue
            for name in variables.findall(text):
                self.assertTrue(name in known or re.fullmatch(r"USSL_\w+_DIR", name), f"{file}: {name}")

    def test_the_documentation_has_no_option_that_is_none(self):
        options = set(re.findall(r"^option\('(\w+)'", (ROOT / "meson_options.txt").read_text(), re.M))
        table = (ROOT / "docs/embedding.md").read_text().split("| option |")[1].split("\n\n")[0]
        named = {name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])}
        self.assertEqual(named - options, set())

    def test_profiles_that_are_measured(self):
        self.assertLessEqual(set(self.rows[0].words), set(size_report.PROFILES))


if __name__ == "__main__":
    unittest.main()
