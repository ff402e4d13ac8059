#!/usr/bin/python3
"""sslscan and testssl.sh against ussl's test server on one backend:

    scan.py --build DIR --backend NAME

They must find no version below TLS 1.2, no suite without forward secrecy or authenticated encryption, no compression and no
renegotiation. A missing scanner is a failure. The last line is 'N passed, N failed'."""

import argparse
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

# testssl.sh's findings about the test's own certificate: an unknown authority, ten years, a name that was not requested.
OF_THE_CERTIFICATE = {"cert_trust", "cert_chain_of_trust", "cert_validityPeriod", "cert_revocation", "DNS_CAArecord"}
# The clients that testssl.sh simulates, without TLS 1.2.
OLD_CLIENTS = {"ie_6_xp", "ie_8_win7", "ie_8_xp", "java_7u25"}
GOOD_SUITES = re.compile(r"(TLS_AES_|TLS_CHACHA20_|ECDHE-(ECDSA|RSA)-(AES\d+-GCM|CHACHA20))")


class Front:
    """A port where each connection gets a server process of its own, as the test server serves only one."""

    def __init__(self, build, backend):
        certs = build / "tests" / "certs"
        self.command = [build / "tests" / "interop" / f"ussl-server-{backend}", "--cert", certs / "p256.crt.pem",
                        "--key", certs / "p256.key.pem", "--deadline", "5"]
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def serve(self, outer):
        self.connections += 1
        process = subprocess.Popen([str(word) for word in self.command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        assert process.stdout
        inner = socket.create_connection(("127.0.0.1", int(process.stdout.readline().split()[1])))

        def pump(source, sink):
            try:
                while data := source.recv(65536):
                    sink.sendall(data)
                sink.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        there = threading.Thread(target=pump, args=(outer, inner), daemon=True)
        there.start()
        pump(inner, outer)
        there.join(6)
        outer.close()
        inner.close()
        process.kill()
        process.wait()


class Scan:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, good, what, detail=""):
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        print(("ok   " if good else "FAIL ") + what + ("" if good else f": {detail}"), flush=True)

    def sslscan(self, port):
        text = subprocess.run(["sslscan", "--no-colour", f"127.0.0.1:{port}"], capture_output=True, text=True, timeout=300).stdout
        for version in ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"):
            self.check(re.search(rf"^{version}\s+disabled", text, re.M), f"sslscan: {version} is off", text[-400:])
        self.check(re.search(r"^TLSv1.2\s+enabled", text, re.M), "sslscan: TLS 1.2 is enabled", text[-400:])
        self.check("ompression enabled" not in text, "sslscan: no compression", text[-400:])
        self.check(not re.search(r"Insecure session renegotiation|Secure.*renegotiation\s+is\s+supported.*insecure", text),
                   "sslscan: no insecure renegotiation", text[-800:])
        suites = re.findall(r"^(?:Preferred|Accepted)\s+\S+\s+\d+ bits\s+(\S+)", text, re.M)
        weak = [suite for suite in suites if not GOOD_SUITES.match(suite)]
        self.check(suites and not weak, f"sslscan: {len(suites)} suites, all good", weak or text[-400:])

    def testssl(self, port):
        program = shutil.which("testssl") or shutil.which("testssl.sh") or "testssl"
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            # All its tests.
            subprocess.run([program, "--quiet", "--color", "0", "--warnings", "off", "--jsonfile", report,
                            "--openssl-timeout", "5", f"127.0.0.1:{port}"], capture_output=True, stdin=subprocess.DEVNULL,
                           timeout=1500)
            rows = json.loads(report.read_text())
        bad = [f"{row['id']}: {row['severity']} {row['finding']}" for row in rows
               if row["severity"] in ("LOW", "MEDIUM", "HIGH", "CRITICAL") and row["id"] not in OF_THE_CERTIFICATE]
        self.check(len(rows) > 100 and not bad, f"testssl.sh: {len(rows)} findings, none bad", bad or rows)
        clients = {row["id"].split("-", 1)[1]: row["finding"] for row in rows if row["id"].startswith("clientsimulation-")}
        refused = {name for name, finding in clients.items() if finding == "No connection"}
        self.check(len(clients) > 30 and refused == OLD_CLIENTS & set(clients),
                   f"testssl.sh: {len(clients) - len(refused)} of its {len(clients)} clients connect, those with TLS 1.2", clients)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--backend", required=True)
    options = parser.parse_args()
    front, scan = Front(options.build.resolve(), options.backend), Scan()
    for name, run, found in (("sslscan", scan.sslscan, shutil.which("sslscan")),
                             ("testssl.sh", scan.testssl, shutil.which("testssl") or shutil.which("testssl.sh"))):
        if not found:
            scan.check(False, name, f"not found: apt-get install {name}")
            continue
        try:
            run(front.port)
        except subprocess.TimeoutExpired:
            scan.check(False, name, "does not end")
    print(f"{front.connections} connections")
    print(f"{scan.passed} passed, {scan.failed} failed")
    return 1 if scan.failed else 0


if __name__ == "__main__":
    sys.exit(main())
