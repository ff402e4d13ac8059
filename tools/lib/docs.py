"""The reference: what tools/docs does. Doxygen calls this file, too, as the filter that reads a header or a page:

  docs.py FILE    prints FILE in Doxygen's form

Our headers have plain comments. A comment before a declaration, or after it on its line, is turned into Doxygen's form, and
anything in it that Doxygen would take for a command is escaped. A page keeps the anchors that GitHub gives its headings."""

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/docs"), str(ROOT / "tools/lib")]
from pages import FENCE, HEADING, LINK, slug  # noqa: E402
from switch_table import OPTIONS, table  # noqa: E402

OUTPUT = ROOT / "build/docs"
# In this order; the other pages of docs/ follow.
FIRST = ["quick-start", "embedding", "boards", "lwip", "backends", "switches", "module", "coming-from", "verification", "roots",
         "glossary"]
PAGES = ["README.md", *(f"docs/{name}.md" for name in FIRST),
         "examples/firmware/README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"]
HEADERS = ["core/include", "bindings/c/include", "bindings/lwip/include"]
IMAGES = ["docs/pictures", "docs/sizes", "docs/performance"]


# --- Headers ---

def escaped(text: str) -> str:
    """Escapes what Doxygen takes for commands, tags and links, except between backticks."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([\\@<>&%]|#(?=\w))", r"\\\1", part) for part in parts)


def prose(lines: list[str]) -> list[str]:
    """The text of a comment. Indented text that is not a list is shown unchanged."""
    made: list[str] = []
    shown = in_list = False
    for line in lines:
        in_list = bool(re.match(r" *[*-] ", line)) or (in_list and line.startswith("  "))
        deep = line.startswith("  ") and not in_list
        if deep and not shown:
            made.append("")
        shown = deep or (shown and not line)
        made.append("    " + line if shown and line else escaped(line))
        if not line:
            in_list = False
    return made


class Scopes:
    """Whether a line is among declarations, or in a function's body."""

    def __init__(self) -> None:
        self.open: list[bool] = []  # of each brace: whether it holds declarations
        self.head = ""

    def declares(self) -> bool:
        return all(self.open)

    def read(self, code: str) -> None:
        if code.lstrip().startswith("#") or code.rstrip().endswith("\\"):
            return
        code = re.sub(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'', '""', code)
        for char in code:
            if char == "{":
                self.open.append(bool(re.search(r"\b(namespace|class|struct|enum|union)\b[^()=]*$|extern \"\"\s*$", self.head)))
                self.head = ""
            elif char == "}":
                if self.open:
                    self.open.pop()
                self.head = ""
            elif char == ";":
                self.head = ""
            else:
                self.head += char
        self.head += " "


NO_PROSE = re.compile(r"\s*(clang-format|Written by tools/|End of what tools/|end of what tools/|---)")


def cpp_header(text: str) -> str:
    lines, made = text.split("\n"), []
    scopes = Scopes()
    column = -1  # of the comment after the last declaration
    at = 0
    while at < len(lines):
        line = lines[at]
        whole = re.match(r"( *)// ?", line)
        if whole and not whole.group(1) and at == 0:
            block = []
            while lines[at].startswith("//"):
                block.append(lines[at][3:])
                at += 1
            made += ["/// \\file", *("/// " + row for row in prose(block))]
            continue
        if whole:
            indent, block = whole.group(1), []
            while at < len(lines) and lines[at].startswith(indent + "//"):
                block.append(lines[at][len(indent) + 2:].removeprefix(" "))
                at += 1
            if len(indent) == column:
                made += [f"{indent}///< {escaped(row)}" for row in block]
            elif scopes.declares() and at < len(lines) and lines[at].strip() and not NO_PROSE.match(block[0]):
                made += [f"{indent}/// {row}" for row in prose([row for row in block if not NO_PROSE.match(row)])]
            else:
                made += [f"{indent}// {row}" for row in block]
            continue
        behind = re.match(r"(.*?\S)(\s+)// ?(.*)$", line)
        column = -1
        if behind and '"' not in behind.group(3):
            code, space, said = behind.groups()
            ends = code.rstrip()[-1]
            if scopes.declares() and scopes.open and not code.lstrip().startswith(("#", "}")) and ends not in "{}(":
                column = len(code + space)
                made.append(f"{code}{space}///< {escaped(said)}")
                scopes.read(code)
                at += 1
                continue
            scopes.read(code)
        else:
            scopes.read(line)
        made.append(line)
        at += 1
    return "\n".join(made)


def c_header(text: str) -> str:
    """A header in C has comments between /* and */, and only declarations."""
    def comment(match: re.Match[str]) -> str:
        before, inside = match.groups()
        rows = [re.sub(r"^\s*\* ?", "", row) for row in inside.split("\n")]
        rows = [rows[0].strip(), *rows[1:]]
        if NO_PROSE.match(rows[0] + " "):
            return match.group(0)
        if match.start() == 0:
            return "/** \\file\n" + "\n".join(" * " + row for row in prose(rows)) + "\n */"
        if before.strip():
            if before.lstrip().startswith("#"):
                return match.group(0)
            return f"{before}/**< {escaped(' '.join(row.strip() for row in rows))} */"
        return f"{before}/** " + ("\n" + before + " * ").join(prose(rows)) + " */"
    return re.sub(r"^([^\n]*?)/\*(.*?)\*/", comment, text, flags=re.S | re.M)


# --- Pages ---

def label(page: Path, anchor: str = "") -> str:
    """Doxygen's label for a page, or for one of its headings."""
    name = re.sub(r"\W", "_", str(page.relative_to(ROOT).with_suffix("")))
    return f"page_{name}" + (f"__{anchor}" if anchor else "")


def link_to(page: Path, picture: str, text: str, target: str) -> str:
    if re.match(r"[a-z]+:", target):
        return f"{picture}[{text}]({target})"
    name, _, anchor = target.partition("#")
    file = (page.parent / name).resolve() if name else page
    if picture:
        return f"![]({file.name})"
    words = " ".join(text.replace("`", "").replace('"', "").split())
    if file in all_pages():
        if anchor and f'<a name="{anchor}"' in file.read_text():
            return f'<a href="{label(file)}.html#{anchor}">{words}</a>'
        return f'\\ref {label(file, anchor)} "{words}"'
    if file.suffix in (".h", ".hpp") and any(file.is_relative_to(ROOT / folder) for folder in HEADERS):
        return f'\\ref {file.relative_to(ROOT)} "{words}"'
    return f'<a href="{os.path.relpath(file, OUTPUT / "html")}">{words}</a>'


def page_for_doxygen(page: Path, text: str) -> str:
    seen: dict[str, int] = {}

    def heading(match: re.Match[str]) -> str:
        title = match.group(1)
        marks = match.group(0).split(" ")[0]
        name = slug(title)
        count = seen.get(name, 0)
        seen[name] = count + 1
        own = label(page) if marks == "#" else label(page, f"{name}-{count}" if count else name)
        return f"{marks} {plain(title)} {{#{own}}}"

    def plain(title: str) -> str:
        return LINK.sub(lambda match: match.group(2), title).replace("`", "")

    def code(match: re.Match[str]) -> str:
        """For Doxygen a quotation mark would end the code."""
        return f"<code>{escaped(match.group(1))}</code>" if "'" in match.group(1) else match.group(0)

    def outside(part: str) -> str:
        part = re.sub(r"`([^`\n]*)`", code, part)
        return LINK.sub(lambda match: link_to(page, match.group(1), match.group(2), match.group(3)), HEADING.sub(heading, part))

    made, end = [], 0
    for match in FENCE.finditer(text):
        made += [outside(text[end:match.start()]), match.group(0)]
        end = match.end()
    return "".join([*made, outside(text[end:])])


def all_pages() -> list[Path]:
    named = [ROOT / name for name in PAGES]
    return named + sorted(set((ROOT / "docs").glob("*.md")) - set(named))


# --- Doxygen ---

def settings() -> dict[str, str]:
    inputs = [*map(str, all_pages()), *(str(ROOT / folder) for folder in HEADERS)]
    # As in a build with everything. Attributes that rename a function for the linker are not part of its signature.
    defined = [f"{row.name}={1 if row.is_boolean else row.default[-1]}" for row in table() if row.section == OPTIONS and row.name]
    defined = [word for word in defined if not word.startswith("USSL_PROFILE")]
    version = re.findall(r"version: '([\d.]+)'", (ROOT / "meson.build").read_text())[0]
    return {
        "PROJECT_NAME": "ussl", "PROJECT_NUMBER": version,
        "PROJECT_BRIEF": '"TLS for small devices, over the library of your choice"',
        "OUTPUT_DIRECTORY": str(OUTPUT), "INPUT": " ".join(inputs), "RECURSIVE": "YES", "FILE_PATTERNS": "*.hpp *.h *.md",
        "STRIP_FROM_PATH": str(ROOT), "STRIP_FROM_INC_PATH": " ".join(str(ROOT / folder) for folder in HEADERS),
        "FULL_PATH_NAMES": "YES", "FILTER_PATTERNS": " ".join(f'"*.{kind}={sys.executable} {Path(__file__).resolve()}"'
                                                              for kind in ("hpp", "h", "md")),
        "USE_MDFILE_AS_MAINPAGE": str(ROOT / "README.md"), "IMAGE_PATH": " ".join(str(ROOT / folder) for folder in IMAGES),
        "JAVADOC_AUTOBRIEF": "YES", "EXTRACT_ALL": "YES", "EXTRACT_STATIC": "YES", "EXTRACT_PRIVATE": "NO",
        "HIDE_FRIEND_COMPOUNDS": "YES", "SORT_MEMBER_DOCS": "NO", "TOC_INCLUDE_HEADINGS": "3", "TAB_SIZE": "4",
        "MACRO_EXPANSION": "YES", "EXPAND_ONLY_PREDEF": "YES", "SEARCH_INCLUDES": "NO",
        "PREDEFINED": " ".join(["USSL_WITH_SWITCHES=", "USSL_VIRTUAL=", "USSL_PURE=", "__cplusplus=202002L", *defined]),
        "GENERATE_LATEX": "NO", "HTML_OUTPUT": "html", "GENERATE_TREEVIEW": "YES", "SEARCHENGINE": "YES", "HAVE_DOT": "NO",
        "HTML_EXTRA_STYLESHEET": str(Path(__file__).with_name("docs.css")), "HTML_TIMESTAMP": "NO",
        "SOURCE_BROWSER": "NO", "VERBATIM_HEADERS": "NO", "QUIET": "YES", "WARNINGS": "YES",
        "WARN_IF_UNDOCUMENTED": "NO", "WARN_IF_DOC_ERROR": "YES", "WARN_AS_ERROR": "FAIL_ON_WARNINGS",
        "WARN_FORMAT": '"$file:$line: $text"', "NUM_PROC_THREADS": "2",
    }


def draw() -> None:
    for source in sorted((ROOT / "docs/pictures").glob("*.dot")):
        subprocess.run(["dot", "-Tsvg", source, "-o", source.with_suffix(".svg")], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/docs")
    parser.add_argument("--pictures", action="store_true")
    options = parser.parse_args()
    if options.pictures:
        draw()
        return 0
    start = time.monotonic()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    file = OUTPUT / "Doxyfile"
    file.write_text("".join(f"{key} = {value}\n" for key, value in settings().items()))
    done = subprocess.run(["doxygen", file], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(done.stdout, end="")
    pages = len(list((OUTPUT / "html").glob("*.html")))
    print(f"build/docs/html/index.html: {pages} pages, {time.monotonic() - start:.0f} s")
    if done.returncode != 0:
        print("FAIL doxygen\n0 passed, 1 failed")
        return 1
    return subprocess.run([sys.executable, ROOT / "tests/docs/links.py", "--reference", OUTPUT / "html"]).returncode


def filtered(name: str) -> str:
    file = Path(name).resolve()
    text = file.read_text()
    if file.suffix == ".md":
        return page_for_doxygen(file, text)
    return c_header(text) if file.suffix == ".h" else cpp_header(text)


if __name__ == "__main__":
    if len(sys.argv) == 2 and Path(sys.argv[1]).suffix in (".h", ".hpp", ".md"):
        sys.stdout.write(filtered(sys.argv[1]))
    else:
        sys.exit(main())
