#!/usr/bin/python3
"""The contract between core/ and an adapter (ussl/backend/engine.hpp), as compilers tell of it.

  contract.py CORE

For each function that an engine must have, engines are made that lack it, or have it with another result, with other
arguments, or not const: from the declarations in ussl/backend/checked_engine.hpp. Each such engine must be one error of
each compiler, with that function and no other named; engines that keep the contract must be none. The compilers are
g++ and clang++, as far as they are there. Prints 'N passed, N failed'."""

import dataclasses
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Optional

HEADER = "include/ussl/backend/checked_engine.hpp"

COMPILERS = ["g++", "clang++"]

# In the order of Capabilities.
CAPABILITIES = ["client", "tls1_2", "dtls", "connection_id", "resumption", "max_fragment_length", "record_size_limit", "exporter"]

# Functions that are needed where a capability is there; `release_buffers` is needed nowhere.
OPTIONAL = {
    "is_resumed": "resumption",
    "resumption_data": "resumption",
    "max_fragment_length": "max_fragment_length",
    "record_size_limit": "record_size_limit",
    "export_keying_material": "exporter",
    "timeout": "dtls",
    "datagram_stage": "dtls",
    "largest_datagram": "dtls",
    "receives_connection_id": "connection_id",
    "peer_connection_id": "connection_id",
    "newest_record": "connection_id",
    "release_buffers": None,
}

# Other types, into which an argument may turn by itself: that is no reason to take them.
OTHER_ARGUMENT = {
    "std::size_t": "int",
    "MutableBytes": "Bytes",
    "Bytes": "std::span<const char>",
    "std::string_view": "const char*",
    "Context&": "const int&",
    "const SessionSetup&": "SessionSetup&",
    "const ContextConfig&": "ContextConfig&",
    "const Environment&": "Environment&",
}


@dataclasses.dataclass
class Function:
    result: str
    name: str
    arguments: list[str]  # types
    const: bool

    def text(self) -> str:
        template = "template<class Context> " if "Context&" in self.arguments else ""
        return f"{template}{self.result} {self.name}({', '.join(self.arguments)}){' const' if self.const else ''};"


@dataclasses.dataclass
class Case:
    what: str
    context: list[Function]
    session: list[Function]
    names: str = ""  # the function that the compiler must name; empty: the contract is kept
    without: Optional[str] = None  # a capability
    of_context: bool = False


def declarations(header: str, struct: str) -> list[Function]:
    body = re.search(rf"struct {struct} {{\n(.*?)^}};", header, re.S | re.M)
    assert body, f"no struct {struct} in {HEADER}"
    functions = []
    for statement in re.sub(r"template<class Context>", "", body[1]).split(";"):
        if not statement.strip():
            continue
        parts = re.fullmatch(r"\s*(\S+) (\w+)\((.*?)\)( const)?\s*", statement, re.S)
        assert parts, f"not a declaration: {statement}"
        arguments = [argument.strip().rsplit(" ", 1)[0] for argument in parts[3].split(",") if argument.strip()]
        functions.append(Function(parts[1], parts[2], arguments, bool(parts[4])))
    return functions


def altered(function: Function) -> list[tuple[str, Optional[Function]]]:
    """Ways to have it wrong."""
    ways: list[tuple[str, Optional[Function]]] = [("no", None)]
    other = "int" if function.result == "void" else "void"
    ways.append(("another result of", dataclasses.replace(function, result=other)))
    if function.const:
        ways.append(("a const missing from", dataclasses.replace(function, const=False)))
    ways.append(("one argument more of", dataclasses.replace(function, arguments=[*function.arguments, "int"])))
    for at, argument in enumerate(function.arguments):
        arguments = list(function.arguments)
        arguments[at] = OTHER_ARGUMENT[argument]
        ways.append((f"another argument {at + 1} of", dataclasses.replace(function, arguments=arguments)))
    return ways


def with_other(functions: list[Function], old: Function, new: Optional[Function]) -> list[Function]:
    at = functions.index(old)
    return functions[:at] + ([new] if new else []) + functions[at + 1:]


def cases(context: list[Function], session: list[Function]) -> list[Case]:
    made = [Case("the whole contract", context, session), Case("the whole contract", context, session, of_context=True)]
    for function in context:
        for what, other in altered(function):
            made.append(Case(f"{what} a context's {function.name}", with_other(context, function, other), session,
                             names=function.name, of_context=True))
    for function in session:
        for what, other in altered(function):
            needed = other is not None or OPTIONAL.get(function.name, "always") is not None
            made.append(Case(f"{what} a session's {function.name}", context, with_other(session, function, other),
                             names=function.name if needed else ""))
        if capability := OPTIONAL.get(function.name):
            made.append(Case(f"no {function.name} without the capability", context,
                             with_other(session, function, None), without=capability))
    return made


def source(made: list[Case]) -> str:
    lines = ['#include "ussl/backend/context_impl.hpp"', '#include "ussl/backend/session_impl.hpp"', "using namespace ussl;"]
    for number, case in enumerate(made):
        capabilities = ", ".join(f".{name} = true" for name in CAPABILITIES if name != case.without)
        lines += [
            f"struct Case{number} {{",
            "struct ContextEngine {", *(function.text() for function in case.context), "};",
            "struct SessionEngine {", *(function.text() for function in case.session), "};",
            "static constexpr std::size_t context_size = 64, session_size = 64;",
            f"static constexpr Capabilities own{{{capabilities}}};",
            "static constexpr const Capabilities& capabilities = own;",
            "static std::span<const std::uint16_t> suites();",
            "static const Backend& backend();",
            "};",
            f"template class ussl::{'ContextOf' if case.of_context else 'SessionOf'}<Case{number}>;",
        ]
    return "\n".join(lines) + "\n"


def reports(compiler: str, core: Path, text: str) -> list[str]:
    """What the compiler says, one text for each error."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "engines.cpp"
        path.write_text(text)
        # The defaults of every switch: a build's own are not this test's subject.
        command = [compiler, "-std=c++20", "-fsyntax-only", "-fno-exceptions", "-fno-rtti", "-fno-diagnostics-color",
                   "-I", str(core / "include"), str(path)]
        if compiler == "clang++":
            command.append("-ferror-limit=0")
        said = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, check=False).stderr
    # For which engine it is, gcc says in front of the error, clang behind it.
    begin = r"^(?=\S+: error:)" if compiler == "clang++" else r"^(?=\S+: In (?:instantiation|substitution) of)"
    return [part for part in re.split(begin, said, flags=re.M) if "error:" in part]


def complaint(case: Case, told: list[str]) -> str:
    if not case.names:
        return "is refused:\n" + told[0] if told else ""
    if len(told) != 1:
        return f"{len(told)} errors:\n" + "\n".join(told)
    if told[0].count("error:") != 1:
        return "several errors:\n" + told[0]
    named = set(re.findall(r"\b(?:engine|known)\.(\w+)\(", told[0]))
    return "" if named == {case.names} else f"names {sorted(named)}:\n" + told[0]


def main() -> int:
    core = Path(sys.argv[1])
    header = (core / HEADER).read_text()
    made = cases(declarations(header, "DeclaredContextEngine"), declarations(header, "DeclaredSessionEngine"))
    compilers = list(filter(shutil.which, COMPILERS))
    assert compilers, "neither of " + ", ".join(COMPILERS)
    passed = failed = 0
    for compiler in compilers:
        told = reports(compiler, core, source(made))
        for number, case in enumerate(made):
            wrong = complaint(case, [part for part in told if re.search(rf"\bCase{number}\b", part)])
            passed += not wrong
            failed += bool(wrong)
            if wrong:
                print(f"FAIL {compiler}: {case.what}: {wrong}")
        strays = [part for part in told if not re.search(r"\bCase\d+\b", part)]
        failed += len(strays)
        for part in strays:
            print(f"FAIL {compiler}: {part}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
