"""What memcheck found, and the lists that explain it."""

import unittest

import constant_time
from constant_time import Finding, Frame

XML = """<valgrindoutput><error><kind>UninitCondition</kind><stack>
<frame><fn>bcmp</fn><dir>/build</dir><file>vg_replace_strmem.c</file></frame>
<frame><fn>ussl::equal(std::span&lt;unsigned char&gt; const&amp;)</fn><dir>/ussl/core/src</dir><file>bytes.cpp</file></frame>
<frame><fn>sign.constprop.0</fn><dir>/ussl/subprojects/x</dir><file>ecdsa.c</file></frame>
</stack></error></valgrindoutput>"""


class Findings(unittest.TestCase):
    def test_a_function_of_c_stands_for_its_caller(self):
        finding, = constant_time.findings_in(XML)
        self.assertEqual(finding.place, ("branch", "bytes.cpp:ussl::equal"))
        self.assertEqual(finding.frames[1].function, "sign")

    def test_names_without_what_is_added_to_them(self):
        for name, bare in (("f.part.0", "f"), ("A::f[abi:x](int)", "A::f"), ("(anonymous namespace)::f()", "f")):
            self.assertEqual(constant_time.bare(name), bare)


class Lists(unittest.TestCase):
    finding = Finding("address", (Frame("lookup", "/x/aes.c"), Frame("encrypt", "/x/gcm.c")))

    def test_a_line_explains_a_place_or_what_a_caller_reaches(self):
        for line, explains in (("secret aes.c:lookup : tables", True), ("secret aes.c:* < enc* : tables", True),
                               ("secret gcm.c:* : tables", False), ("secret aes.c:* < lookup : tables", False)):
            found = constant_time.explained_by(self.finding, constant_time.known_in("# why\n\n" + line))
            self.assertEqual(found is not None, explains, line)

    def test_another_line_is_told(self):
        for line in ("harmless aes.c:* : tables", "secret aes.c:*", "secret : tables"):
            with self.assertRaisesRegex(ValueError, "FILE:FUNCTION"):
                constant_time.known_in(line)


if __name__ == "__main__":
    unittest.main()
