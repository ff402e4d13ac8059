"""Runs ussl's test client or server against a peer that is a Python function, and returns the outcome."""

import datetime
import re
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from der import elements, tlv
from minitls import Gone

SECONDS = 20  # a program that still runs after that hangs
# The most memory that a program may take. An idle one has some 4 MB, most of them for the C++ library.
MAX_RESIDENT = 16 * 1024  # KiB
Act = Callable[[socket.socket], Any]  # a hostile peer
ANCHORS = "(anchors)"  # in a program's options: stands for the file of anchors


class Outcome:
    def __init__(self, output: str, received: bytes, resident: int, hung: bool, peer: Any) -> None:
        self.output, self.received, self.resident, self.hung = output, received, resident, hung
        self.peer = peer  # the hostile function's result, or the text of the Gone that ended it
        end = re.search(r"^end (\w+) (\d+)(?: alert (\d+))?", output, re.M)
        self.status = end[1] if end else "none"
        self.error = int(end[2]) if end else -1
        self.alert = int(end[3] or 0) if end else 0
        self.established = "established" in output

    def alert_heard(self) -> int:
        """The description of the fatal alert that ended the peer; 0: none did."""
        heard = re.match(r"alert 2 (\d+)", str(self.peer))
        return int(heard[1]) if heard else 0

    def __str__(self) -> str:
        return (f"{'established, ' if self.established else ''}{self.status} {self.error} alert {self.alert}, "
                f"{self.resident} KiB{', HUNG' if self.hung else ''}; the peer: {self.peer!r}")


def play(act: Act, sock: socket.socket) -> Any:
    """Runs the hostile function until the end of the connection."""
    sock.settimeout(SECONDS / 2)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        return act(sock)
    except (Gone, OSError) as error:
        return str(error)
    finally:
        try:
            sock.shutdown(socket.SHUT_WR)
            sock.settimeout(1)
            while sock.recv(65536):  # so that no reset overtakes the bytes that were sent
                pass
        except OSError:
            pass
        sock.close()


class Program:
    def __init__(self, command: Sequence[object]) -> None:
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.errors)
        self.hung = False
        self.watchdog = threading.Timer(SECONDS, self.kill)
        self.watchdog.start()

    def kill(self) -> None:
        self.hung = True
        self.process.kill()

    def outcome(self, peer: Any) -> Outcome:
        assert self.process.stdout
        received = self.process.stdout.read()
        self.process.wait()
        self.watchdog.cancel()
        self.process.stdout.close()
        self.errors.seek(0)
        output = self.errors.read().decode(errors="replace")
        self.errors.close()
        if self.process.returncode not in (0, 1):
            output = f"end crashed {abs(self.process.returncode)}\n{output}"
        memory = re.search(r"^memory (\d+)", output, re.M)
        return Outcome(output, received, int(memory[1]) if memory else 0, self.hung, peer)


class Authority:
    """An authority that certifies any key, even an invalid one."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.certify("hostile authority", self.key.public_key(), True)
        self.lock = threading.Lock()
        self.made: dict[Hashable, Any] = {}

    def certify(self, name: str, key: Any, is_ca: bool = False, names: Sequence[str] = ("localhost",)) -> x509.Certificate:
        now = datetime.datetime.utcnow()
        subject, issuer = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, "hostile authority"))
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key).serial_number(7)
                .not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
                .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
                .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
                .sign(self.key, hashes.SHA256()))

    def leaf(self, key_info: bytes) -> bytes:
        """A certificate for "localhost" as DER, with this DER as its SubjectPublicKeyInfo (RFC 5280, 4.1.2.7)."""
        body, algorithm, _ = elements(self.certify("leaf", self.key.public_key()).public_bytes(serialization.Encoding.DER))
        parts = elements(body)
        parts[6] = key_info
        body = tlv(0x30, *parts)
        return tlv(0x30, body, algorithm, tlv(3, b"\0", self.key.sign(body, ec.ECDSA(hashes.SHA256()))))

    def large_leaf(self, size: int) -> tuple[bytes, bytes]:
        """A certificate for "localhost" and more names, of about this size, as DER, and its key as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = ["localhost", *(f"name-{i:05}.of-many.example" for i in range(size // 28))]
        own = self.certify("large", key.public_key(), names=names).public_bytes(serialization.Encoding.DER)
        return own, key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption())

    def once(self, name: Hashable, make: Callable[[], Any]) -> Any:
        """The result of `make`, computed once: RSA keys take their time."""
        with self.lock:
            if name not in self.made:
                self.made[name] = make()
            return self.made[name]


class Kit:
    """The two programs of one backend. They trust the tests' authority, and `authority`."""

    def __init__(self, build: Path, backend: str) -> None:
        self.certs = build / "tests" / "certs"
        self.authority = Authority()
        self.directory = tempfile.TemporaryDirectory()
        self.anchors = Path(self.directory.name) / "anchors.pem"
        self.anchors.write_bytes((self.certs / "ca.pem").read_bytes() +
                                 self.authority.certificate.public_bytes(serialization.Encoding.PEM))
        self.programs = {role: build / "tests" / "interop" / f"ussl-{role}-{backend}" for role in ("client", "server")}
        self.backend = backend

    def material(self, name: str) -> bytes:
        return (self.certs / name).read_bytes()

    def against_client(self, act: Act, version: str = "", request: bytes = b"hello\n", options: Sequence[object] = ()) -> Outcome:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(SECONDS)
            command = [self.programs["client"], "--port", listener.getsockname()[1], "--name", "localhost",
                       "--ca", self.anchors, "--version", version, "--request", request.hex(), *options]
            program = Program(command)
            try:
                sock, _ = listener.accept()
                peer = play(act, sock)
            except OSError as error:
                peer = str(error)
            return program.outcome(peer)

    def against_server(self, act: Act, version: str = "", options: Sequence[object] = ()) -> Outcome:
        command = [self.programs["server"], "--cert", self.certs / "p256.crt.pem", "--key", self.certs / "p256.key.pem",
                   "--version", version, *(self.anchors if option == ANCHORS else option for option in options)]
        program = Program(command)
        assert program.process.stdout
        line = program.process.stdout.readline()
        if not line.startswith(b"port "):
            return program.outcome("no port")
        peer = play(act, socket.create_connection(("127.0.0.1", int(line.split()[1])), SECONDS))
        return program.outcome(peer)

    def against(self, role: str, act: Act, version: str = "", **kwargs: Any) -> Outcome:
        if role == "client":
            return self.against_client(act, version, **kwargs)
        return self.against_server(act, version, **kwargs)
