#!/usr/bin/python3
"""Compares the table's verdicts with `openssl verify -x509_strict`: compare_openssl.py DIR, DIR made by make.py.

Both must accept the same chains, unless the case gives a reason: `stricter` if this project refuses more, `looser` if it accepts
more. A reason that is no longer needed fails."""

import concurrent.futures
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
from cases import CASES  # noqa: E402

import base64  # noqa: E402

# Settings that openssl verify has as well, and its options for them.
SWITCHES = {"check_time": ["-no_check_time"], "check_purpose": None, "check_identity": None}


def pem(*ders):
    return "".join("-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der).decode() + "-----END CERTIFICATE-----\n"
                   for der in ders)


def accepts(directory, row):
    read = [(directory / name).read_bytes() for name in row["chain"].split(",")]
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        (scratch / "leaf").write_text(pem(read[0]))
        (scratch / "untrusted").write_text(pem(*read[1:]))
        anchors = row["anchors"].split(",")
        text = "".join(Path("/etc/ssl/certs/ca-certificates.crt").read_text() if name == "bundle.der"
                       else pem((directory / name).read_bytes()) for name in anchors)
        (scratch / "anchors").write_text(text)
        command = ["openssl", "verify", "-x509_strict", "-no-CAfile", "-no-CApath", "-no-CAstore", "-trusted", "anchors",
                   "-partial_chain"]
        if len(read) > 1:
            command += ["-untrusted", "untrusted"]
        off = row["off"].split(",") if row["off"] else []
        for setting in off:
            if SWITCHES.get(setting, ()) == ():
                return None
            command += SWITCHES[setting] or []
        if "check_time" not in off:
            command += ["-attime", row["time"]]
        if "check_purpose" not in off:
            command += ["-purpose", "sslserver" if row["role"] == "server" else "sslclient"]
        if row["role"] == "server" and "check_identity" not in off:
            command += ["-verify_ip", row["ip"]] if row["ip"] else ["-verify_hostname", row["host"].rstrip(".")]
        done = subprocess.run(command + ["leaf"], cwd=scratch, capture_output=True, text=True)
        return done.returncode == 0, done.stderr.strip().splitlines()


def main():
    directory = Path(sys.argv[1])
    lines = [line.split("\t") for line in (directory / "manifest.txt").read_text().splitlines()]
    rows = [dict(zip(lines[0], line)) for line in lines[1:]]
    cases = {case["name"]: case for case in CASES}
    passed, failed, beyond = 0, 0, 0
    used = set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda row: accepts(directory, row), rows))
    for row, result in zip(rows, results):
        if result is None:
            beyond += 1
            continue
        theirs, said = result
        ours, case = row["verdict"] == "ok", cases[row["case"]]
        reason = "stricter" if theirs and not ours else "looser" if ours and not theirs else None
        if reason is None or case.get(reason):
            passed += 1
            used.add((row["case"], reason))
        else:
            failed += 1
            print(f"FAILED {row['case']} ({row['role']} judged): here {row['verdict']}, openssl "
                  f"{'accepts' if theirs else 'refuses: ' + ' '.join(said)[:200]}; no reason `{reason}` in the table")
    for name, case in cases.items():
        for reason in ("stricter", "looser"):
            if case.get(reason) and (name, reason) not in used and not case.get("off"):
                failed += 1
                print(f"FAILED {name}: the reason `{reason}` is no longer needed")
    print(f"{beyond} verdicts depend on settings that openssl verify does not have")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0)


main()
