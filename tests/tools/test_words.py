"""Names and phrases that readers stumbled over do not come back. No grammar: a list of what was replaced, each with what to write
instead."""

import ast
import io
import re
import subprocess
import tokenize
import unittest

from backends import ROOT

# In code: names that do not explain themselves.
NAMES = {
    r"\brest\(\)": "release_buffers(), or remaining()",
    r"\bquiet\b": "output_is_empty",
    r"\bsettle\(": "update_state(), take_back()",
    r"\blacking\(": "resource_error()",
    r"\bmeans\(": "codes_for()",
    r"\bis_suite\b": "is_known_suite()",
    r"\bManner\b": "what it is: Mode, ReadTiming",
    r"\bstranger": "unverified client",
    r"\bder::Reader\b": "der::Parser: pem::Reader is the only Reader",
}
# In comments and pages: phrases that hide who does what.
PHRASES = {
    r"\b(is|are|was|were|be|been) told\b": "say who learns it: gets, returns, reports, knows",
    r"\bwhat is no\b|\b(that|which) (is|are) none\b": "not a …, invalid, unknown",
    r"\bbe (it|they)\b": "even if, whether",
    r"\bat will\b": "on request, optionally",
    r"\bin the place of\b": "instead of",
    r"\bfor the curious\b": "say what it is",
    r"\bin a circle\b": "forever, without progress",
    r"\bstrangers?\b": "unverified client, anybody",
    r"\bis through with\b": "has finished with",
    r"\bthere is no telling\b": "unknown",
    r"\ba last word\b|\bthe last word\b": "the final decision",
    r"\bin the manner of\b": "like, as in",
    r"\bnone the worse\b|\bof no account\b|\bis no matter\b": "not affected, does not count",
    r"\bfor want of\b": "without",
    r"\bas ever\b|\bever so\b": "as usual",
    r"\blean(s|ing)? on\b": "rely on",
    r"\bwhat is to come\b": "the expected result",
}
CODE = ["core", "backends", "bindings"]
COMMENTS = [*CODE, "examples", "tests", "tools"]
PAGES = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "docs/*.md", "examples/*.md", "tests/bogo/README.md"]


def tracked(*where: str) -> list[str]:
    return subprocess.run(["git", "ls-files", *where], cwd=ROOT, text=True, capture_output=True, check=True).stdout.splitlines()


def split(text: str) -> tuple[str, str]:
    """The code and the comments of a source file in C or C++, each with the lines where they were."""
    code, comments = [], []
    for part in re.split(r'("(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/)', text, flags=re.S):
        blank = "\n" * part.count("\n")
        is_comment = part.startswith(("//", "/*"))
        code.append(blank if is_comment or part.startswith('"') else part)
        comments.append(part if is_comment else blank)
    return "".join(code), "".join(comments)


def split_python(text: str) -> str:
    """The comments and docstrings of a Python file, each on the line where it was."""
    lines = [""] * (text.count("\n") + 2)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0]] = token.string[1:]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(node):
            first, last = node.body[0].lineno, node.body[0].end_lineno or 0
            lines[first:last + 1] = text.splitlines()[first - 1:last]
    return "\n".join(lines[1:])


def found(words: dict[str, str], name: str, text: str) -> list[str]:
    return [f"{name}:{text.count(chr(10), 0, hit.start()) + 1}: '{hit.group()}': {better}"
            for pattern, better in words.items()
            for hit in re.finditer(pattern.replace(" ", r"\s+"), text, re.I if words is PHRASES else 0)]


class Words(unittest.TestCase):
    def test_code_and_comments(self) -> None:
        wrong = []
        product = set(tracked(*CODE))
        for name in tracked(*COMMENTS):
            if name.endswith((".hpp", ".cpp", ".h", ".c")):
                code, comments = split((ROOT / name).read_text())
                wrong += found(NAMES, name, code) if name in product else []
                wrong += found(PHRASES, name, " ".join(re.split(r"(?<=\n) *(?://|\*) ?", comments)))
            elif name.endswith(".py") and name != "tests/tools/test_words.py":
                wrong += found(PHRASES, name, split_python((ROOT / name).read_text()))
        self.assertEqual(wrong, [])

    def test_pages(self) -> None:
        self.assertEqual([line for name in tracked(*PAGES) for line in found(PHRASES, name, (ROOT / name).read_text())], [])

    def test_each_pattern_finds_what_it_is_for(self) -> None:
        code, comments = split('a.quiet = x; // who is told\nconst char* s = "// be it"; /* at\nwill */')
        self.assertEqual(found(NAMES, "f", code), ["f:1: 'quiet': output_is_empty"])
        self.assertEqual([line.split(":")[1] for line in found(PHRASES, "f", comments)], ["1", "2"])
        self.assertNotIn("be it", code + comments)
        comments = split_python('s = "be it"\n\n\ndef f():\n    """Who\n    is told."""\n    return s  # at will\n')
        self.assertEqual([line.split(":")[1] for line in found(PHRASES, "f", comments)], ["6", "7"])


if __name__ == "__main__":
    unittest.main()
