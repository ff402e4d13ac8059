"""The table of switches, core/switches.txt, and the blocks that are generated from it in files of the tree.

In such a file the tool owns the text between the lines 'written by tools/switches: BLOCK' and 'end of what tools/switches
writes'."""

import re
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parents[2]
TABLE = "core/switches.txt"
SECTIONS = ["options", "set by a build itself", "of the module for MicroPython"]
OPTIONS, BUILD, MODULE = SECTIONS
UNIX = "defined(__unix__) || defined(__APPLE__)"
# Defaults of switches that the compiler decides: 1 under this condition, else 0.
CONDITIONS = {"unix": UNIX, "long": f"{UNIX} || USSL_RECORD_INPUT == 16384"}


@dataclass
class Row:
    section: str
    name: str  # the macro; "" if a capability has no switch of its own
    values: str
    default: list[str]  # one, or one for each profile
    capability: str
    by: str
    needs: list[str]
    title: str
    more: str  # the text after the title's semicolon

    @property
    def is_boolean(self) -> bool:
        return self.values == "0..1"

    @property
    def range(self) -> tuple[int, int]:
        """A size's limits."""
        least, most = self.values.split("..")
        return int(least), int(most)

    @property
    def short(self) -> str:
        """The name of Meson's option and of the constant in ussl::features."""
        return self.name[len("USSL_"):].lower()

    @property
    def words(self) -> list[str]:
        return self.values.split(",")

    def values_in_words(self) -> str:
        if self.is_boolean:
            return "0 or 1"
        if ".." in self.values:
            return "a number of bytes, {} to {}".format(*self.range)
        return ", ".join(self.words[:-1]) + " or " + self.words[-1]

    def text(self) -> str:
        """The text for a comment."""
        return self.title + ("; " + self.more if self.more else "")

    def default_in(self, profile: int) -> str:
        return self.default[profile if len(self.default) > 1 else 0]


def read(text: str) -> list[Row]:
    rows: list[Row] = []
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        heading = re.fullmatch(r"\[(.*)\]", line)
        if heading:
            section = heading[1]
        elif line and not line.startswith("#"):
            row = re.fullmatch(r"(USSL_[A-Z0-9_]+|-) +(\S+) +(\S+) +(\w+|-) +(library|core|-) +(\S+) +: ([^;]+)(?:; (.+))?", line)
            if not row or section not in SECTIONS:
                sys.exit(f"{TABLE}:{number}: no row, or under none of the headings: {line}")
            columns = ["" if word in ("-", None) else word for word in row.groups()]
            name, values, default, capability, by, needs, title, more = columns
            rows.append(Row(section, name, values, default.split(","), capability, by, needs.split(",") if needs else [],
                            title, more))
    check(rows)
    return rows


def check(rows: list[Row]) -> None:
    def wrong(row: Row, what: str) -> None:
        sys.exit(f"{TABLE}: {row.name or row.capability}: {what}")
    profiles = rows[0].words if rows and rows[0].name == "USSL_PROFILE" else []
    if not profiles:
        sys.exit(f"{TABLE}: the first row is USSL_PROFILE")
    switches = {row.short for row in rows if row.is_boolean}
    for names in ([row.name for row in rows if row.name], [row.capability for row in rows if row.capability]):
        if len(names) != len(set(names)):
            sys.exit(f"{TABLE}: twice: " + ", ".join(sorted({name for name in names if names.count(name) > 1})))
    for row in rows[1:]:
        if not row.name and not row.capability:
            wrong(row, "neither a switch nor a capability")
        if bool(row.capability) != bool(row.by):
            wrong(row, "BY says who provides the CAPABILITY")
        if not set(row.needs) <= switches:
            wrong(row, "NEEDS names no switch: " + ", ".join(sorted(set(row.needs) - switches)))
        if not row.name or row.values == "name":
            continue
        if not re.fullmatch(r"\d+\.\.\d+", row.values):
            wrong(row, f"VALUES: {row.values}")
        if len(row.default) not in (1, len(profiles)):
            wrong(row, f"DEFAULT: one, or {len(profiles)}")
        for value in row.default:
            alone = len(row.default) == 1
            special = row.is_boolean and (value in CONDITIONS if alone else value == "host")
            sizes = value.split("/") if alone and value.count("/") == 1 else [value]
            if not special and not all(size.isdigit() and row.range[0] <= int(size) <= row.range[1] for size in sizes):
                wrong(row, f"DEFAULT: {value}")


def table() -> list[Row]:
    return read((ROOT / TABLE).read_text())


# --- Headers. ---

def comment(text: str, indent: str = "") -> str:
    start = indent + "// "
    return textwrap.fill(text[0].upper() + text[1:] + ".", 100, initial_indent=start, subsequent_indent=start) + "\n"


def in_headers(rows: list[Row]) -> list[Row]:
    return [row for row in rows[1:] if row.name and row.section != MODULE]


def profiles(rows: list[Row]) -> str:
    words = rows[0].words
    out = ""
    for number, name in enumerate(words, 1):
        out += f"#define USSL_PROFILE_{name} {number}\n#define USSL_BY_{name}({', '.join(words)}) {name}\n"
    return out + f"""\
#ifndef USSL_PROFILE
#define USSL_PROFILE {rows[0].default[0]}
#elif !USSL_JOINED(USSL_PROFILE_, USSL_PROFILE)
#error "USSL_PROFILE: {rows[0].values_in_words()}"
#undef USSL_PROFILE
#define USSL_PROFILE {rows[0].default[0]}
#endif
#define USSL_BY_PROFILE USSL_JOINED(USSL_BY_, USSL_PROFILE)
"""


def defaults(rows: list[Row]) -> str:
    out = ""
    for row in in_headers(rows):
        values = ["0" if value == "host" else value for value in row.default]
        if values[0] in CONDITIONS or "/" in values[0]:
            condition = CONDITIONS.get(values[0], UNIX)
            here, elsewhere = values[0].split("/") if "/" in values[0] else "10"
            set_default = f"#if {condition}\n#define {{0}} {here}\n#else\n#define {{0}} {elsewhere}\n#endif\n"
        elif len(set(values)) == 1:
            set_default = "#define {0} " + values[0] + "\n"
        else:
            set_default = "#define {0} USSL_BY_PROFILE(" + ", ".join(values) + ")\n"
        fits = f"USSL_IS_SWITCH({row.name})" if row.is_boolean else \
            "({0} + 0 >= {1} && {0} + 0 <= {2})".format(row.name, *row.range)
        out += comment(row.text()) + f"#ifndef {row.name}\n" + set_default.format(row.name) + \
            f"#elif !{fits}\n#error \"{row.name}: {row.values_in_words()}\"\n#endif\n"
        if row.needs:
            lacks = " || ".join(f"!USSL_{name.upper()}" for name in row.needs)
            out += f"#if {lacks}\n#undef {row.name}\n#define {row.name} 0\n#endif\n"
    return out


def constants(rows: list[Row]) -> str:
    switches = [row for row in in_headers(rows) if row.is_boolean]
    return "".join(f"inline constexpr bool {row.short} = {row.name} != 0;\n" for row in switches)


def names(rows: list[Row]) -> str:
    return "#define USSL_EACH_SWITCH" + \
        "".join(f" \\\n    USSL_SWITCH({row.name[len('USSL_'):]})" for row in in_headers(rows)) + "\n"


def capabilities(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.capability]


def of_switches(row: Row) -> str:
    """The condition on the build's switches."""
    return " && ".join(f"features::{name}" for name in ([row.short] if row.name else []) + row.needs)


def members(rows: list[Row]) -> str:
    return "".join(comment(row.text(), "    ") +
                   f"    bool {row.capability} = {of_switches(row) if row.by == 'core' else 'false'};\n"
                   for row in capabilities(rows))


def capability_names(rows: list[Row]) -> str:
    return "".join(f"    {{\"{row.capability}\", &Capabilities::{row.capability}}},\n" for row in capabilities(rows))


def within_build(rows: list[Row]) -> str:
    return "".join("        .{0} = {1}can.{0},\n".format(row.capability, of_switches(row) + " && " if of_switches(row) else "")
                   for row in capabilities(rows))


# --- Meson's options, and the documentation. ---

def meson(rows: list[Row]) -> str:
    out = ""
    for row in rows:
        if not row.name or row.section != OPTIONS:
            continue
        if row.is_boolean:
            out += f"option('{row.short}', type: 'combo', choices: ['auto', 'true', 'false'])\n"
        elif ".." in row.values:
            out += f"option('{row.short}', type: 'integer', min: 0, max: {row.range[1]}, value: 0)\n"
        else:
            out += f"option('{row.short}', type: 'combo', choices: {row.words}, value: '{row.default[0]}')\n"
    return out


def documentation(rows: list[Row]) -> str:
    words = rows[0].words
    out = ""
    for section in SECTIONS:
        per_profile = section == OPTIONS
        columns = ["switch", "values", *(words if per_profile else ["default"] if section == BUILD else []), "what it is"]
        out += f"## Switches {section}\n\n" if not per_profile else ""
        out += "| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|\n"
        for row in rows[1:]:
            if not row.name or row.section != section:
                continue
            values = [row.default_in(profile) for profile in range(len(words))] if per_profile else \
                [row.default_in(0)] if section == BUILD else []
            kind = row.values.replace("..", " to ") if row.values != "0..1" else "0, 1"
            needs = f". Needs {', '.join(f'`USSL_{name.upper()}`' for name in row.needs)}" if row.needs else ""
            out += "| " + " | ".join([f"`{row.name}`", kind, *values, row.text() + needs]) + " |\n"
        out += "\n"
    return out[:-1]


BLOCKS: dict[str, Callable[[list[Row]], str]] = {
    "profiles": profiles, "defaults": defaults, "constants": constants, "names": names, "members": members,
    "capability names": capability_names, "within build": within_build, "options": meson, "documentation": documentation}
FILES = ["core/include/ussl/features.hpp", "core/include/ussl/interface.hpp", "core/include/ussl/capabilities.hpp",
         "meson_options.txt", "docs/switches.md"]
BLOCK = re.compile(r"^([^\n]*\bwritten by tools/switches: ([a-z ]+?)(?:\.| -->)?\n)(.*?)"
                   r"(^[^\n]*\bend of what tools/switches writes\b[^\n]*\n)", re.M | re.S | re.I)


def rewritten(text: str, rows: list[Row]) -> str:
    """The text of a file, with its blocks generated anew."""
    return BLOCK.sub(lambda block: block[1] + BLOCKS[block[2]](rows) + block[4], text)


def blocks_of(text: str) -> list[str]:
    return [block[2] for block in BLOCK.finditer(text)]
