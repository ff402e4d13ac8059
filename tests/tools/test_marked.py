"""The parts of pages that tools write."""

import unittest

from marked import inside, with_inside

PAGE = """before
<!-- figures: written by tools/one -->
old
<!-- end -->
between
<!-- more: written by tools/two -->
<!-- end -->
after
"""


class Parts(unittest.TestCase):
    def test_only_the_named_part_changes(self):
        self.assertEqual(inside(PAGE, "figures"), "old\n")
        self.assertEqual(with_inside(PAGE, "figures", "new\n"), PAGE.replace("old", "new"))
        self.assertEqual(inside(with_inside(PAGE, "more", "text \\1\n"), "more"), "text \\1\n")

    def test_a_missing_part_is_told(self):
        for page in ("", PAGE, PAGE + "<!-- other: written by tools/one -->\n"):
            with self.assertRaisesRegex(SystemExit, "no part '<!-- other: "):
                inside(page, "other")


if __name__ == "__main__":
    unittest.main()
