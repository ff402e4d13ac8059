"""The table of limits in the documentation is as the code says."""

import unittest
from unittest import mock

import limit_table


class Table(unittest.TestCase):
    def test_page(self):
        with open(limit_table.PAGE) as page:
            text = page.read()
        self.assertEqual(limit_table.rewritten(text), text, "run tools/limits")

    def test_a_constant_that_is_gone_is_told(self):
        rows = [("what", "{max_nothing}", "", limit_table.ROWS[0][3])]
        with mock.patch.object(limit_table, "ROWS", rows), self.assertRaisesRegex(SystemExit, "max_nothing"):
            limit_table.table()

    def test_a_page_without_the_part_is_told(self):
        with self.assertRaisesRegex(SystemExit, "no part"):
            limit_table.rewritten("# A page")


if __name__ == "__main__":
    unittest.main()
