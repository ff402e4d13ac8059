"""What the reference makes of our comments and pages, and what the links' test reads off a page."""

import sys
import unittest

from backends import ROOT

sys.path.append(f"{ROOT}/tests/docs")
import docs  # noqa: E402
import pages  # noqa: E402

HEADER = """\
// A file. With a & b:
//
//   shown  <as it stands>
//
//   * a list,
//     with a second line
#pragma once

namespace ussl {

// Ahead of it: Err::none, \\a and <b>.
struct Thing {
    int one; // behind it,
             // on two lines
    // clang-format off
    int two;
    int get() const { // not this
        // nor this
        return one; // nor this
    }
    // of no declaration

    // of this one
    void set();
}; // nor this

} // namespace ussl
"""
FOR_DOXYGEN = """\
/// \\file
/// A file. With a \\& b:
///
///
///       shown  <as it stands>
///
///   * a list,
///     with a second line
#pragma once

namespace ussl {

/// Ahead of it: Err::none, \\\\a and \\<b\\>.
struct Thing {
    int one; ///< behind it,
             ///< on two lines
    // clang-format off
    int two;
    int get() const { // not this
        // nor this
        return one; // nor this
    }
    // of no declaration

    /// of this one
    void set();
}; // nor this

} // namespace ussl
"""
PAGE = """\
# A page

## `read()`, and *more*
## Twice
## Twice

[a file](other.md#part "title"), [a link
over two lines](x.md), ![a picture](y.svg), `[no link](z.md)`, [`code`](#twice)

```sh
[no link](z.md)
# no heading
```

    [no link](z.md)

<a name="by-hand"></a>
"""


class Reference(unittest.TestCase):
    def test_a_header(self):
        made = "\n".join(line.rstrip() for line in docs.cpp_header(HEADER).split("\n"))
        self.assertEqual(made, FOR_DOXYGEN)

    def test_a_header_of_c(self):
        made = docs.c_header("/* A file. */\n#define A 1 /* not this */\n/* --- Part --- */\n"
                             "/* Of it,\n * @all. */\nint a; /* b */\n")
        self.assertEqual(made, "/** \\file\n * A file.\n */\n#define A 1 /* not this */\n/* --- Part --- */\n"
                               "/** Of it,\n * \\@all.  */\nint a; /**< b */\n")


class Pages(unittest.TestCase):
    def test_anchors_as_on_github(self):
        self.assertEqual(pages.anchors(PAGE), {"a-page", "read-and-more", "twice", "twice-1", "by-hand"})

    def test_links(self):
        self.assertEqual([target for _, target in pages.links(PAGE)], ["x.md", "y.svg", "#twice"])

    def test_the_one_block_of_a_language(self):
        page = ROOT / "README.md"
        self.assertIn("int main()", pages.block(page, "cpp", {"example.com": "localhost"}))
        for language, missing in (("pascal", "example.com"), ("sh", "example.com"), ("cpp", "no such text")):
            with self.subTest(language=language), self.assertRaises(pages.Wrong):
                pages.block(page, language, {missing: ""})


if __name__ == "__main__":
    unittest.main()
