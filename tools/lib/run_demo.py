"""The exchanges of tools/demo: each interpreter against itself and against OpenSSL, over loopback."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLES = os.path.join(ROOT, "examples", "micropython")
NAME = "localhost"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_listening(port: int, process: subprocess.Popen[str]) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise SystemExit(f"demo: the server ended early:\n{process.communicate()[0]}")
        # Reads the system's table of ports: a test connection would count as a client.
        with open("/proc/net/tcp") as table:
            if re.search(rf":{port:04X} 00000000:0000 0A", table.read()):
                return
        time.sleep(0.02)
    raise SystemExit(f"demo: nothing listens on port {port}")


class Server:
    """A server process during a with block."""

    def __init__(self, command: list[str], port: int) -> None:
        self.command, self.port = command, port

    def __enter__(self) -> "Server":
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        wait_until_listening(self.port, self.process)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()


def fetch(interpreter: str, port: int, ca: str) -> tuple[str, ...]:
    """Runs the ussl client; returns (version, suite, name, milliseconds)."""
    done = subprocess.run([interpreter, os.path.join(EXAMPLES, "https_get.py"), "127.0.0.1", str(port), "/", ca, NAME],
                          capture_output=True, text=True, timeout=60)
    found = re.search(r"(TLSv1\.\d), (\w+), verified as (\S+), handshake ([\d.]+) ms", done.stdout)
    if not found or not re.match(r"HTTP/1.0 200 ok", done.stdout, re.I):
        raise SystemExit(f"demo: the client failed:\n{done.stdout}{done.stderr}")
    return found.groups()


def openssl_fetch(port: int, ca: str) -> tuple[str, ...]:
    """Runs OpenSSL's client, with the same checks; it reports no time, so none is shown."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", NAME, "-verify_hostname",
         NAME, "-CAfile", ca, "-verify_return_error", "-ign_eof"],
        input="GET / HTTP/1.0\r\n\r\n", capture_output=True, text=True, timeout=60)
    version = re.search(r"Protocol\s*: (TLSv1\.\d)|New, (TLSv1\.\d), Cipher", done.stdout)
    suite = re.search(r"Cipher is (\S+)", done.stdout)
    if "Verify return code: 0 (ok)" not in done.stdout or "200 OK" not in done.stdout or not suite or not version:
        raise SystemExit(f"demo: openssl s_client failed:\n{done.stdout}{done.stderr}")
    name = re.search(r"Verified peername: (\S+)", done.stdout)
    return (version.group(1) or version.group(2), suite.group(1), name.group(1) if name else NAME, "")


def exchanges(backend: str, certs: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    interpreter = os.path.join(ROOT, "build", "micropython-" + backend)
    ca, chain, key = (os.path.join(certs, name) for name in ("ca.pem", "p256.crt.pem", "p256.key.pem"))
    port = free_port()
    serve = [interpreter, os.path.join(EXAMPLES, "https_server.py"), str(port), chain, key]
    with Server(serve, port):
        yield "ussl -> ussl", fetch(interpreter, port, ca)
        yield "openssl s_client -> ussl", openssl_fetch(port, ca)
    port = free_port()
    serve = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", chain, "-cert_chain", chain,
             "-key", key, "-www", "-quiet"]
    with Server(serve, port):
        yield "ussl -> openssl s_server", fetch(interpreter, port, ca)


def describe(backend: str) -> tuple[str, int]:
    interpreter = os.path.join(ROOT, "build", "micropython-" + backend)
    version = subprocess.run([interpreter, "-c", "import ussl; print('%s %s' % ussl.backend)"],
                             capture_output=True, text=True).stdout.strip()
    return version, os.path.getsize(interpreter)


def main(backends: list[str]) -> None:
    rows = []
    with tempfile.TemporaryDirectory() as certs:
        print("Making a CA and certificates")
        subprocess.run([sys.executable, os.path.join(ROOT, "tests", "certs", "make.py"), "--output", certs],
                       check=True, stdout=subprocess.DEVNULL)
        for backend in backends:
            library, size = describe(backend)
            for exchange, (version, suite, name, handshake) in exchanges(backend, certs):
                rows.append((library, exchange, version, suite, name, handshake, f"{size / 1024:.0f}"))
                print(f"  {library}: {exchange}: ok", flush=True)
    header = ("backend", "client -> server", "protocol", "suite", "verified", "ms", "binary KiB")
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    print()
    for row in [header, tuple("-" * width for width in widths), *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    print("\nms: the client's handshake, its TCP connection already made. suite: OpenSSL's own name where it"
          "\nwas the client. The interpreters are build/micropython-BACKEND.")


if __name__ == "__main__":
    main(sys.argv[1:])
