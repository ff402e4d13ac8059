"""MicroPython's tests of its TLS module against ours: runs its runners, judges each difference, writes the table."""

import argparse
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

from backends import all_backends
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).resolve().parent.parent.parent
BACKENDS = all_backends()
VARIANTS = ["standard", "coverage"]
STAND_IN = ROOT / "tools" / "lib" / "micropython" / "stand-in"
PORT = 8000  # of all tests in multi_net
Meant = tuple[list[tuple[str, str]], list[tuple[str, str]], str]
Where = tuple[str, str]  # backend, variant
Judgement = tuple[str, Any]  # kind, detail: see Results

# Errors that our module words in its own way, the same on every backend: (theirs, ours).
ALERT = "(-30592, 'MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE')"
OTHER_HOST = "(1045, 'certificate is for another host: it is for micropython.local')"
ERRORS = [
    ("(-29824, 'MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE')", "(1040, 'peer sent no certificate')"),
    (ALERT, "(1068, 'peer sent alert 40: handshake failure')"),
    (ALERT, "(1068, 'peer sent alert 42: bad certificate')"),
    (ALERT, "(1068, 'peer sent alert 45: certificate expired')"),
    ("(-29312, 'MBEDTLS_ERR_SSL_CONN_EOF')", "(1080, 'connection was cut (no close_notify)')"),
    ("""TypeError("can't convert 'NoneType' object to str implicitly",)""",
     "TypeError('set a certificate and its key together',)"),
    ("CERT_REQUIRED requires server_hostname", "(1031, 'no server_hostname: give the name to verify')"),
    ("\nThe certificate Common Name (CN) does not match with the expected CN\n", OTHER_HOST),
    ("\nThe certificate validity has expired\n", "(1043, 'certificate has expired')"),
]

# Tests of features that not every backend has: the module's constant for the feature (or a cipher suite), and its name.
NEEDS = {
    "extmod/tls_dtls.py": ("HAS_DTLS", "DTLS"),
    "multi_net/tls_dtls_server_client.py": ("HAS_DTLS", "DTLS"),
    "extmod/tls_sslcontext_ciphers.py": ("TLS-ECDHE-ECDSA-WITH-AES-128-CBC-SHA256", "CBC suites"),
    "multi_net/sslcontext_server_client_ciphers.py": ("TLS-ECDHE-ECDSA-WITH-AES-128-CBC-SHA256", "CBC suites"),
}

# Tests that skip themselves unless the module is called Mbed TLS's; they run with that name given.
ONLY_ON_MBEDTLS = ["extmod/ssl_keycert_pkcs8.py", "extmod/ssl_sslcontext_verify_mode2.py"]
# A test that expects the behaviour of TLS 1.2, the only version of MicroPython's module. It runs with contexts limited to TLS 1.2,
# and once more unchanged. In TLS 1.3 a client has finished before the server verifies its certificate, and learns the result with
# its next read, which the test does not do.
OF_TLS1_2 = "multi_net/asyncio_tls_server_client_cert_required_error.py"
IN_TLS1_3 = OF_TLS1_2 + " in TLS 1.3"
NO_ERROR_YET = (f"drain\n{ALERT}\n", "drain\n")

# The error that it expects from drain() may already come from write(): then it runs again.
RACES = "multi_net/asyncio_tls_server_client_verify_error.py"

BOTH_CONNECT = ("server: handshake failed\n--- instance1 ---\nclient: handshake failed\n",
                "server: connected\n--- instance1 ---\nclient: connected\n")
# Intended differences of our module, shared by all backends: (in the test, here), (printed there, here), and the reason.
MEANT: dict[str, Meant] = {
    "extmod/tls_psk.py": ([
        ("except OSError:\n    print(\"OSError\")\n\n# The key", "except ValueError:\n    print(\"OSError\")\n\n# The key"),
        ("ctx.psk_key = b\"x\" * 49\ntry:\n    ctx.psk_identity = b\"micropython\"\n    print(\"no error\")\nexcept OSError:",
         "try:\n    ctx.psk_key = b\"x\" * 49\n    print(\"no error\")\nexcept ValueError:"),
    ], [], "a key that is too long is a `ValueError`, where it is set"),
    "extmod/tls_sslcontext_micropython.py": (
        [], [("TypeError\n", "")],
        "`SSLContext()` without a protocol is Pycopy's form, and serves both roles"),
    "multi_net/sslcontext_server_client_psk_no_fallback_error.py": (
        [], [BOTH_CONNECT], "a client with trust anchors and a pre-shared key accepts a server with a certificate; "
        "without anchors it accepts only the key"),
    "multi_net/sslcontext_server_client_psk_server_no_fallback_error.py": (
        [], [BOTH_CONNECT], "a server with a certificate and pre-shared keys shows the certificate to a client without a key; "
        "without a certificate it accepts only keys"),
    "multi_net/tls_dtls_server_client.py": (
        [], [("(-27264, 'MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED')\nwaiting\nincoming connection\n", "")],
        "a server's socket answers a new client with a cookie and continues the same handshake; MicroPython's raises an error, "
        "and the script wraps a second time, which is never needed here"),
    "multi_net/sslcontext_verify_time_error.py": ([
        ("    server_ctx.load_cert_chain(cert, key)\n",
         "    server_ctx.load_cert_chain(cert, key)\n    server_ctx.verify_time = False\n"),
    ], [], "a server whose own certificate has expired gets an error (1017) before a client connects, unless `verify_time` is off"),
    "extmod/ssl_poll.py": ([
        # ClientHello is sent: nothing can be written until the answer arrives.
        ("_MP_STREAM_POLL_WR, _MP_STREAM_POLL_WR, _MP_STREAM_POLL_WR)\n\n# Do a test write",
         "_MP_STREAM_POLL_WR, _MP_STREAM_POLL_RD, 0)\n\n# Do a test write"),
        # A new client has something to send first.
        ("_MP_STREAM_POLL_RD, _MP_STREAM_POLL_RD, _MP_STREAM_POLL_RD)\nassert_raises",
         "_MP_STREAM_POLL_RD, _MP_STREAM_POLL_WR, _MP_STREAM_POLL_RD)\nassert_raises"),
    ], [], "`poll` waits for the direction that the handshake needs next, from its beginning: a client that polls for reading "
           "before its ClientHello would wait forever"),
}

# Put before a test: its ssl module is ours with one thing changed.
CHANGED_MODULE = """\
import sys, ssl
class _Module:
    pass
for _name in dir(ssl):
    _value = getattr(ssl, _name)
    setattr(_Module, _name, staticmethod(_value) if callable(_value) else _value)
{change}
sys.modules["ssl"] = _Module
"""
MBEDTLS_NAME = '_Module.MBEDTLS_VERSION = "as if"'
ONLY_TLS1_2 = """\
def _limited(*args, _ssl=ssl):
    context = _ssl.SSLContext(*args)
    context.maximum_version = _ssl.TLSv1_2
    return context
_Module.SSLContext = staticmethod(_limited)"""

# The archive's certificates have a common name and no subjectAltName, so here they are valid for no host (RFC 9525,
# docs/verification.md). The tests run with the same certificates for the same keys, with a subjectAltName added; this test also
# runs with the archive's own certificates, and must be refused.
REFUSED = "multi_net/sslcontext_server_client.py"
REFUSED_ROW = REFUSED + " with the archive's certificate"
REFUSAL = "OSError: (1045, 'certificate is for another host: it names no host')"

# The runners do not distinguish a crashed interpreter from one that ends with an exception; this does.
TELL_CRASHES = """\
#!/bin/sh
exec 3<&0 # what runs in the background gets no other standard input
{interpreter} "$@" <&3 3<&- &
child=$!
trap 'kill $child; stopped=1' TERM
wait $child
status=$?
[ $status -lt 128 ] || [ -n "$stopped" ] || echo "KILLED by signal $((status - 128))"
exit $status
"""

ASK = """\
import ussl
for name in dir(ussl):
    if name.startswith("HAS_") and getattr(ussl, name):
        print(name)
if hasattr(ussl.SSLContext, "get_ciphers"):
    for name in ussl.SSLContext().get_ciphers():
        print(name)
"""


class Results:
    """test -> {(backend, variant): (kind, detail)}, kind one of passes, differs, needs, meant, refuses, fails."""

    def __init__(self) -> None:
        self.of: dict[str, dict[Where, Judgement]] = {}

    def add(self, test: str, where: Where, kind: str, detail: Any = "") -> None:
        self.of.setdefault(test, {})[where] = (kind, detail)
        mark = "FAIL" if kind == "fails" else "ok  "
        print(f"{mark} {' '.join(where)}: {test}: {kind}{' ' if detail and kind == 'needs' else ''}"
              f"{detail if kind == 'needs' else ''}", flush=True)
        if kind == "fails":
            print("\n".join("       | " + line for line in detail.splitlines()[-40:]), flush=True)

    def count(self) -> tuple[int, int]:
        kinds = [kind for row in self.of.values() for kind, _ in row.values()]
        return len(kinds) - kinds.count("fails"), kinds.count("fails")


def judge(test: str, expected: str, actual: str, skipped: bool, able: list[str]) -> Judgement:
    """The (kind, detail) of a test that has run."""
    if re.search(r"^(KILLED|TIMEOUT)", actual, re.M):
        return "fails", actual
    need, what = ("HAS_PSK", "PSK") if "_psk" in test else NEEDS.get(test, ("", ""))
    if not skipped and actual == expected:
        return ("meant", test) if MEANT.get(test, ([], [], ""))[0] else ("passes", "")
    if need and need not in able:
        return "needs", what
    if skipped:
        return "fails", "skipped itself: " + actual
    for theirs, here in MEANT.get(test, ([], [], ""))[1]:
        if expected.replace(theirs, here, 1) == actual:
            return "meant", test
    ours, pairs = expected, []
    for theirs, words in ERRORS:
        if theirs in ours and words in actual:
            ours = ours.replace(theirs, words)
            pairs.append((theirs, words))
    if pairs and ours == actual:
        return "differs", pairs
    return "fails", "".join(line + "\n" for line in difflib.unified_diff(
        expected.splitlines(), actual.splitlines(), "expected", "actual", lineterm=""))


def judge_in_tls1_3(expected: str, actual: str, skipped: bool, able: list[str]) -> Judgement:
    if "HAS_TLS1_3" not in able:
        return "needs", "TLS 1.3"
    kind, detail = judge(OF_TLS1_2, expected.replace(*NO_ERROR_YET), actual, skipped, able)
    return kind, [*detail, NO_ERROR_YET] if kind == "differs" else detail


def judge_refusal(expected: str, actual: str, skipped: bool) -> Judgement:
    if REFUSAL in actual and not re.search(r"^(KILLED|TIMEOUT)", actual, re.M):
        return "refuses", REFUSAL
    return "fails", actual


def add_names(folder: Path) -> None:
    """Adds the name that the tests verify to the certificates of multi_net, as subjectAltName."""
    for file in folder.glob("*_cert.der"):
        old = x509.load_der_x509_certificate(file.read_bytes())
        key_file = folder / ("rsa_key.der" if file.name.startswith("rsa") else "ec_key.der")
        key: Any = serialization.load_der_private_key(key_file.read_bytes(), None)
        name = old.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        new = (x509.CertificateBuilder(old.issuer, old.subject, key.public_key(), old.serial_number, old.not_valid_before,
                                       old.not_valid_after)
               .add_extension(x509.BasicConstraints(True, None), critical=True)
               .add_extension(x509.SubjectAlternativeName([x509.DNSName(str(name))]), critical=False)
               .sign(key, hashes.SHA256())).public_bytes(serialization.Encoding.DER)
        for expected in folder.glob("*.exp"):  # some print it
            expected.write_text(expected.read_text().replace(file.read_bytes().hex(), new.hex()))
        file.write_bytes(new)


def wrapper(interpreter: Path, folder: Path) -> Path:
    file = folder / "micropython"
    file.write_text(TELL_CRASHES.format(interpreter=interpreter))
    file.chmod(0o755)
    return file


def run_extmod(tests: list[str], tree: Path, interpreter: Path, path: str, folder: Path) -> Iterator[tuple[str, str, str, bool]]:
    """Yields (test, expected, actual, skipped)."""
    results = folder / "results"
    shutil.rmtree(results, ignore_errors=True)
    environment = dict(os.environ, MICROPY_MICROPYTHON=str(wrapper(interpreter, folder)), MICROPYPATH=path,
                       MICROPY_CPYTHON3=sys.executable)
    done = subprocess.run([sys.executable, tree / "tests" / "run-tests.py", "--keep-path", "-j", "1", "-r", results,
                           *[folder / test for test in tests]],
                          env=environment, capture_output=True, text=True, errors="replace", cwd=folder)
    try:
        listed = json.loads((results / "_results.json").read_text())["results"]
    except OSError:
        raise SystemExit(f"peer-tests: run-tests.py gave no results:\n{done.stdout}{done.stderr}") from None
    for file, result, reason in listed:
        test = os.path.relpath(file, folder)
        if result == "fail":  # the runner has stored both, under a name made of the path
            kept = test.replace("/", "_")
            actual = next(results.glob(f"*{kept}.out")).read_text(errors="replace")
            expected = "".join(name.read_text(errors="replace") for name in results.glob(f"*{kept}.exp"))
            yield test, expected, actual, False
        else:
            yield test, "", reason, result == "skip"


def run_multi(test: str, tree: Path, interpreter: Path, path: str, folder: Path) -> tuple[str, str, bool]:
    """(expected, actual, skipped)"""
    instance = f"exec:{wrapper(interpreter, folder)},MICROPYPATH={path}"
    runner = tree / "tests" / "run-multitests.py"
    option = "-i" if '"--instance"' in runner.read_text() else "-t"  # versions differ
    done = subprocess.run([sys.executable, runner, "-s", "-r", folder / "results", option, instance, option, instance,
                           folder / test],
                          capture_output=True, text=True, errors="replace", cwd=folder, timeout=120)
    parts = re.search(r"^### TEST ###\n(.*?)(?:^### TRUTH ###\n(.*?))?^(pass|skip|FAIL)$", done.stdout, re.M | re.S)
    if not parts:
        return "", f"no result: {done.stdout}{done.stderr}", False
    return parts[2] or "", parts[1], parts[3] == "skip"


def wait_for_port() -> None:
    """Waits until no other run of these tests listens on their port."""
    for _ in range(600):
        with open("/proc/net/tcp") as tcp, open("/proc/net/udp") as udp:
            if not re.search(rf":{PORT:04X} 00000000:0000 (0A|07)", tcp.read() + udp.read()):
                return
        time.sleep(0.1)
    raise SystemExit(f"peer-tests: port {PORT} is taken")


def version_of(tree: Path) -> str:
    """The tree's own version: 1.26.1, or 1.29.0-preview."""
    numbers = dict(re.findall(r"define MICROPY_VERSION_(\w+) (\d+)$", (tree / "py" / "mpconfig.h").read_text(), re.M))
    preview = "-preview" if numbers.get("PRERELEASE") == "1" else ""
    return f"{numbers['MAJOR']}.{numbers['MINOR']}.{numbers['MICRO']}{preview}"


def copy_tests(tree: Path, folder: Path) -> list[str]:
    """Copies the tests and their certificates, so that nothing is written to the source tree. Returns the tests' names."""
    tests = tree / "tests"
    chosen = [*tests.glob("extmod/ssl_*.py"), *tests.glob("extmod/tls_*.py"),
              *tests.glob("multi_net/*ssl*.py"), *tests.glob("multi_net/*tls*.py")]
    for kind in ("extmod", "multi_net"):
        (folder / kind).mkdir()
    for file in [*chosen, *[Path(f"{test}.exp") for test in chosen], *tests.glob("multi_net/*.der")]:
        if file.exists():
            shutil.copy(file, folder / file.relative_to(tests))
    for test, (changes, _, _) in MEANT.items():
        if not (folder / test).exists():  # not every version has each test
            continue
        text = (folder / test).read_text()
        for theirs, here in changes:
            if text.count(theirs) != 1:
                raise SystemExit(f"peer-tests: {test} is another version: {theirs!r}")
            text = text.replace(theirs, here)
        (folder / test).write_text(text)
    for test in ONLY_ON_MBEDTLS:
        copied = folder / test
        if not copied.exists():
            continue
        expected = Path(f"{copied}.exp")
        if not expected.exists():  # CPython's output for the unchanged test
            expected.write_bytes(subprocess.run([sys.executable, "-BS", copied], capture_output=True, cwd=copied.parent).stdout)
        copied.write_text(CHANGED_MODULE.format(change=MBEDTLS_NAME) + copied.read_text())
    return sorted({str(test.relative_to(tests)) for test in chosen})


def run_all(backends: list[str], variants: list[str], given: Optional[Path], faults: bool, results: Results) -> str:
    """The version that was run. `given`: an unpacked tree instead of the pinned one. `faults`: with the module of that name."""
    tree = given or Path(subprocess.run([ROOT / "tools" / "sources", "--directory", "micropython"], check=True, text=True,
                                        capture_output=True).stdout.strip())
    version = version_of(tree)
    for backend in backends:
        for variant in variants:
            name = "-".join(["micropython", backend, *([version] if given else []), *([variant] if variant != "standard" else []),
                             *(["faults"] if faults else [])])
            interpreter = ROOT / "build" / name
            subprocess.run([ROOT / "tools" / "build-micropython", backend, "--variant", variant, "--output", interpreter,
                            *(["--source", str(given)] if given else []), *(["--faults"] if faults else [])], check=True)
            able = subprocess.run([interpreter, "-c", ASK], check=True, text=True, capture_output=True).stdout.split()
            where = (backend, variant)
            with tempfile.TemporaryDirectory() as temporary:
                folder = Path(temporary).resolve()
                tests = copy_tests(tree, folder)
                path = f"{STAND_IN}:.frozen"
                extmod = [test for test in tests if test.startswith("extmod/")]
                for test, expected, actual, skipped in run_extmod(extmod, tree, interpreter, path, folder):
                    results.add(test, where, *judge(test, expected, actual, skipped, able))
                wait_for_port()
                results.add(REFUSED_ROW, where, *judge_refusal(*run_multi(REFUSED, tree, interpreter, path, folder)))
                add_names(folder / "multi_net")
                wait_for_port()
                results.add(IN_TLS1_3, where,
                            *judge_in_tls1_3(*run_multi(OF_TLS1_2, tree, interpreter, path, folder), able))
                (folder / OF_TLS1_2).write_text(CHANGED_MODULE.format(change=ONLY_TLS1_2) + (folder / OF_TLS1_2).read_text())
                for test in tests:
                    if test.startswith("multi_net/"):
                        for _ in range(5 if test == RACES else 1):
                            wait_for_port()
                            kind, detail = judge(test, *run_multi(test, tree, interpreter, path, folder), able)
                            if kind != "fails":
                                break
                        results.add(test, where, kind, detail)
    return version


def shown(text: str) -> str:
    return " ⏎ ".join(part for part in text.strip("\n").split("\n") if part)


def table(results: Results, version: str, backends: list[str], variants: list[str], given: bool) -> str:
    """The page of docs/."""
    title, source = "MicroPython's own tests", "source archive"
    if given:
        title, source = f"The tests of MicroPython {version}", "sources"
    command = "tools/peer-tests" + (" --micropython DIR" if given else "")
    lines = [f"# {title}", "",
             f"Written by `{command}`: the tests of the TLS module in MicroPython's {source} ({version}), run by its",
             "`run-tests.py` and `run-multitests.py` against an interpreter in which only this module exists, as `ussl`, `ssl` and",
             f"`tls`; variants of the unix port: {', '.join(variants)} (a cell holds for all of them, or names them).", "",
             "* **passes**: prints what the test expects, to the byte.",
             "* **text**: differs only in the text or number of an error. Theirs are Mbed TLS's own; ours are the same on every",
             "  backend, and listed below.",
             "* **needs …**: a feature that this backend lacks, and reports as unsupported.",
             "* **by design**: our module differs on every backend, for the reason below. The rest of the test passes.",
             "",
             "| test | " + " | ".join(backends) + " |", "|---" * (len(backends) + 1) + "|"]
    differing: dict[tuple[str, str], set[str]] = {}
    for test, row in sorted(results.of.items()):
        cells = []
        for backend in backends:
            words: dict[str, list[str]] = {}
            for variant in variants:
                kind, detail = row[backend, variant]
                word = {"passes": "passes", "differs": "text", "needs": f"needs {detail}", "refuses": "refused",
                        "meant": "by design", "fails": "**fails**"}[kind]
                words.setdefault(word, []).append(variant)
                if kind == "differs":
                    for pair in detail:
                        differing.setdefault(pair, set()).add(test)
            cells.append(", ".join(word if len(words) == 1 else f"{word} ({', '.join(of)})" for word, of in words.items()))
        lines.append(f"| `{test}` | " + " | ".join(cells) + " |")
    if differing:
        lines += ["", "The errors that differ:", "", "| theirs | ours | in |", "|---|---|---|"]
        for (theirs, ours), tests in sorted(differing.items()):
            lines.append(f"| `{shown(theirs)}` | `{shown(ours)}` | {', '.join(sorted(tests))} |")
    lines += ["", "Differences by design:", ""]
    lines += [f"* `{test}`: {why}." for test, (_, _, why) in MEANT.items() if test in results.of]
    lines += ["", "How they are run:", "",
              "* " + " and ".join(f"`{test}`" for test in ONLY_ON_MBEDTLS if test in results.of),
              "  skip themselves unless the module has",
              "  the attribute `MBEDTLS_VERSION`; they run with such an attribute.",
              "* The archive's certificates have a common name and no subjectAltName: they are valid for no host",
              "  ([verification](verification.md)), and one row shows that they are refused. The other rows use certificates with",
              "  the same names, dates and keys, and a subjectAltName.",
              f"* `{OF_TLS1_2}` expects what happens in",
              "  TLS 1.2, the only version of MicroPython's module. It runs in TLS 1.2, and in TLS 1.3, where a client gets a",
              "  server's refusal with its next read.",
              "* `unittest` is a small stand-in for micropython-lib's, which the archive lacks."]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/peer-tests")
    parser.add_argument("backends", nargs="*", metavar="BACKEND", choices=[*BACKENDS, []])
    parser.add_argument("--variant", choices=VARIANTS)
    parser.add_argument("--micropython", type=Path)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    backends = [name for name in BACKENDS if name in options.backends] or BACKENDS
    variants = [options.variant] if options.variant else VARIANTS
    output = options.output
    given = options.micropython.resolve() if options.micropython else None
    if not output and not given and backends == BACKENDS and variants == VARIANTS:
        output = ROOT / "docs" / "peer-tests.md"

    results = Results()
    version = run_all(backends, variants, given, options.faults, results)
    if output:
        output.write_text(table(results, version, backends, variants, bool(given)))
    passed, failed = results.count()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
