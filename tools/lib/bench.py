"""Runs the measured programs and scripts of tests/bench and compares: see tools/bench."""

import argparse
import json
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Optional

from arguments import names
from backends import all_backends, facts, is_for_firmware
from marked import rewrite

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = ROOT / "tests" / "bench"
BUILD = ROOT / "build" / "bench"
BACKENDS = all_backends()
FACTS = {name: facts(name) for name in BACKENDS}
# Also measured alone, as programs on hosts use them without ussl.
OF_THE_SYSTEM = [name for name in BACKENDS if not is_for_firmware(name)]
GROUPS = ["abstraction", "module", "backends", "rates", "floor", "latency", "connections"]
SIZES = [16, 64, 256, 1024, 4096, 16384, 65536]
DELAY = 0.05  # seconds, in each direction
Row = dict[str, Any]  # one figure: see Bench.add()
Subject = tuple[str, str]  # "raw" or "ussl", and the backend

# Targets: (group, what, subject) to the highest ratio or value. A subject of None is any.
TARGETS: dict[tuple[str, str, Optional[str]], float] = {
    ("abstraction", "handshake, TLS 1.2", None): 1.005,
    ("abstraction", "handshake, TLS 1.3", None): 1.005,
    ("abstraction", "16 KiB records", None): 1.01,
    ("abstraction", "64-byte records", None): 1.10,
    **{("module", what, name): ratio for name in BACKENDS for what, ratio in FACTS[name].get("module_targets", {}).items()},
    ("module", "idle end of a connection", None): 8192,
    ("module", "handshake over loopback", None): 0.30,
    ("latency", "full handshake, TLS 1.2", None): 2,
    ("latency", "full handshake, TLS 1.3", None): 1,
    ("latency", "resumed handshake, TLS 1.2", None): 1,
    ("latency", "resumed handshake, TLS 1.3", None): 1,
}
BY_VALUE = ("idle end of a connection",)  # targets that are values, not ratios

# callgrind counts copies by `rep movsb` byte by byte, those by registers not.
COPY_BY_REGISTERS = {"GLIBC_TUNABLES": "glibc.cpu.x86_rep_movsb_threshold=1000000000:"
                                       "glibc.cpu.x86_rep_stosb_threshold=1000000000"}


def label(subject: Subject) -> str:
    return subject[1] + (", alone" if subject[0] == "raw" else "")


def run(command: Sequence[object], **options: Any) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=ROOT, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def instructions(command: Sequence[object], within: Optional[str] = None) -> int:
    """Instructions that callgrind counts in `command`, all or those within functions of this pattern."""
    toggle = [f"--toggle-collect={within}"] if within else []
    with tempfile.NamedTemporaryFile() as profile:
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile.name}", *toggle,
                               *map(str, command)], capture_output=True, text=True, cwd=ROOT,
                              env={**os.environ, **COPY_BY_REGISTERS})
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
    return int(found.group(1))


class Bench:
    def __init__(self, options: argparse.Namespace, certs: Path) -> None:
        self.options, self.certs = options, certs
        self.rows: list[Row] = []
        self.meter = BUILD / "tests" / "bench" / "libbench-heap-meter.so"

    def add(self, group: str, what: str, subject: str, value: float, unit: str, base: Optional[float] = None,
            note: Optional[str] = None) -> None:
        """Adds a figure and prints it. base: the ratio's denominator."""
        row: Row = {"group": group, "what": what, "subject": subject, "value": value, "unit": unit}
        if base:
            row["ratio"] = value / base
        key = (group, what, subject)
        target = TARGETS.get(key, TARGETS.get((group, what, None))) if subject in BACKENDS else None
        compared = value if what in BY_VALUE or group == "latency" else row.get("ratio")
        if target is not None and compared is not None:
            row.update(target=target, met=round(compared, 4) <= target)
        if note:
            row["note"] = note
        self.rows.append(row)
        print(line_of(row), flush=True)

    def skip(self, group: str, what: str, subject: str, why: str) -> None:
        self.rows.append({"group": group, "what": what, "subject": subject, "skipped": why})
        print(line_of(self.rows[-1]), flush=True)

    # --- Programs in C++ ---

    def programs(self) -> None:
        if not (BUILD / "build.ninja").exists():
            run(["meson", "setup", BUILD, "--wrap-mode=forcefallback", f"-Dtls_backend={BACKENDS[0]}",
                 f"-Dextra_backends={','.join(BACKENDS[1:])}"])
        names = [f"tests/bench/bench-{kind}-{backend}" for backend in self.options.backend for kind in ("raw", "ussl")]
        names += [f"tests/bench/bench-raw-{backend}" for backend in OF_THE_SYSTEM if backend not in self.options.backend]
        names.append("tests/bench/libbench-heap-meter.so")
        run(["ninja", "-C", BUILD, *names])

    def program(self, kind: str, backend: str) -> Path:
        return BUILD / "tests" / "bench" / f"bench-{kind}-{backend}"

    def command(self, kind: str, backend: str, operation: str, count: int, *rest: str) -> list[object]:
        return [self.program(kind, backend), operation, count, self.certs, *rest]

    def count(self, kind: str, backend: str, operation: str, count: int, *rest: str, within: str = "*measured*") -> float:
        if self.options.quick:
            count = max(1, count // 5)
        return instructions(self.command(kind, backend, operation, count, *rest), within) / count

    def share(self, end: str, kind: str, backend: str, operation: str, *rest: str) -> float:
        """Instructions of one end for one piece of the work, without those that come before."""
        few, many = 1, 2 if self.options.quick else 11
        counts = [instructions(self.command(kind, backend, operation, count, *rest), f"*{end}_part*")
                  for count in (few, many)]
        return (counts[1] - counts[0]) / (many - few)

    def said(self, kind: str, backend: str, operation: str, count: int, *rest: str) -> dict[str, str]:
        return dict(line.rsplit(" ", 1) for line in
                    run(self.command(kind, backend, operation, count, *rest)).splitlines())

    def seconds(self, subjects: Sequence[Subject], operation: str, count: int, *rest: str) -> dict[Subject, float]:
        """Medians for each (kind, backend) of a few interleaved runs."""
        rounds = 1 if self.options.quick else 7
        times: dict[Subject, list[float]] = {subject: [] for subject in subjects}
        for _ in range(rounds):
            for subject in subjects:
                times[subject].append(float(self.said(*subject, operation, count, *rest)["seconds"]) / count)
        return {subject: statistics.median(values) for subject, values in times.items()}

    def abstraction(self) -> None:
        work: list[tuple[str, str, int, int, list[str]]] = [
            ("handshake, TLS 1.2", "handshake", 10, 20, ["1.2"]), ("handshake, TLS 1.3", "handshake", 10, 20, ["1.3"]),
            ("handshake, TLS 1.2, RSA", "handshake", 5, 20, ["1.2", "rsa"]),
            ("16 KiB records", "data:16384", 50, 1000, []), ("64-byte records", "data:64", 1000, 10000, [])]
        for what, operation, count, repeats, rest in work:
            for backend in self.options.backend:
                if "1.3" in rest and "1.3" not in FACTS[backend]["tls"]:
                    continue
                pair = [("raw", backend), ("ussl", backend)]
                suites = {self.said(*subject, operation, 2, *rest)["suite"] for subject in pair}
                if len(suites) != 1:
                    sys.exit(f"{what}, {backend}: the suites differ: {suites}")
                raw, ours = (self.count(*subject, operation, count, *rest) for subject in pair)
                times = self.seconds(pair, operation, repeats // (10 if self.options.quick else 1), *rest)
                ratio = times[pair[1]] / times[pair[0]]
                self.add("abstraction", what, backend + ", alone", raw, "instructions")
                self.add("abstraction", what, backend, ours, "instructions", base=raw, note=f"time x {ratio:.3f}")

    def backends(self) -> None:
        subjects = [("ussl", backend) for backend in self.options.backend]
        subjects += [("raw", backend) for backend in OF_THE_SYSTEM]
        kinds = [("full handshake, ECDSA, TLS 1.2", "handshake", ["1.2"]),
                 ("full handshake, ECDSA, TLS 1.3", "handshake", ["1.3"]),
                 ("full handshake, RSA, TLS 1.2", "handshake", ["1.2", "rsa"]),
                 ("full handshake, RSA, TLS 1.3", "handshake", ["1.3", "rsa"]),
                 ("resumed handshake, TLS 1.2", "resumed", ["1.2"]), ("resumed handshake, TLS 1.3", "resumed", ["1.3"])]
        for what, operation, rest in kinds:
            able = []
            for subject in subjects:
                if "1.3" in rest and "1.3" not in FACTS[subject[1]]["tls"]:
                    self.skip("backends", what, label(subject), "it ends at TLS 1.2")
                    continue
                if operation == "resumed":
                    tried = subprocess.run([str(part) for part in self.command(*subject, operation, 1, *rest)],
                                           capture_output=True, text=True)
                    if tried.returncode:
                        self.skip("backends", what, label(subject), (tried.stdout + tried.stderr).strip())
                        continue
                able.append(subject)
            times = self.seconds(able, operation, 20, *rest)
            for subject in able:
                client, server = (self.share(end, *subject, operation, *rest) for end in ("client", "server"))
                self.add("backends", what, label(subject), client + server, "instructions",
                         note=f"client {client / (client + server):.0%}, {times[subject] * 1e6:.0f} us")
        for size in SIZES:
            for subject in subjects:
                count = max(20, min(1000, 400000 // size))
                self.add("backends", f"data, writes of {size} bytes", label(subject),
                         self.count(*subject, f"data:{size}", count) / size, "instructions/byte")
        times = self.seconds(subjects, "data:16384", 2000)
        for subject in subjects:
            self.add("backends", "data, 16 KiB writes, encrypted and decrypted", label(subject),
                     16384 / times[subject] / 1e6, "MB/s")
        for subject in subjects:
            said = self.said(*subject, "idle", 20)
            for end in ("client", "server"):
                self.add("backends", f"memory of a {end} that is idle", label(subject), int(said[end]), "bytes",
                         note=f"at its peak {said[end + '-peak']}")

    def rates(self) -> None:
        """Handshakes a second, of one process with both ends; the ratio is to the first library of the system alone."""
        if not OF_THE_SYSTEM:
            return
        backends = [*self.options.backend, *(name for name in OF_THE_SYSTEM if name not in self.options.backend)]
        for what, rest in (("ECDSA, TLS 1.2", ["1.2"]), ("ECDSA, TLS 1.3", ["1.3"]), ("RSA, TLS 1.2", ["1.2", "rsa"])):
            subjects = [(kind, backend) for backend in backends if rest[0] in FACTS[backend]["tls"]
                        for kind in ("ussl", "raw") if kind == "raw" or backend in self.options.backend]
            times = self.seconds(subjects, "handshake", 20, *rest)
            for subject in subjects:
                self.add("rates", f"full handshakes, {what}", label(subject), 1 / times[subject], "a second",
                         base=1 / times["raw", OF_THE_SYSTEM[0]])

    def floor(self) -> None:
        """openssl speed's figures, in microseconds of one core, and their sum for a handshake."""
        text = run(["openssl", "speed", "-seconds", "1", "ecdsap256", "ecdhp256", "ecdhx25519"],
                   stdin=subprocess.DEVNULL)

        def rates(pattern: str) -> list[float]:
            found = re.search(pattern, text)
            if not found:
                sys.exit(f"openssl speed printed no line like {pattern!r}:\n{text}")
            return [float(rate) for rate in found.groups()]

        sign, verify = rates(r"ecdsa \(nistp256\).*?s +\S+s +([\d.]+) +([\d.]+)")
        agree, = rates(r"ecdh \(nistp256\).*?s +([\d.]+)")
        other, = rates(r"ecdh \(X25519\).*?s +([\d.]+)")
        for what, rate in (("sign with ECDSA P-256", sign), ("verify ECDSA P-256", verify),
                           ("agree with ECDH P-256", agree), ("agree with X25519", other)):
            self.add("floor", what, "openssl", 1e6 / rate, "us")
        # The server signs once; the client checks that signature and the certificate's; each makes a key and computes the secret.
        total = 1e6 / sign + 2e6 / verify + 4e6 / agree
        self.add("floor", "handshake, both ends: one signature, two checks, four multiplications", "openssl", total, "us")
        subjects = [("ussl", backend) for backend in self.options.backend]
        for subject, seconds in self.seconds(subjects, "handshake", 20).items():
            self.add("floor", "handshake, both ends", subject[1], seconds * 1e6, "us", base=total)
        text = run(["openssl", "speed", "-seconds", "1", "-bytes", "16384", "-evp", "aes-128-gcm"])
        rate = float(re.findall(r"([\d.]+)k", text)[-1]) / 1e3
        self.add("floor", "AES-128-GCM, 16 KiB, one direction", "openssl", rate, "MB/s")

    # --- MicroPython ---

    def interpreter(self, name: str) -> Path:
        output = ROOT / "build" / f"micropython-{name}"
        if not (self.options.no_build and output.exists()):
            run([ROOT / "tools" / "build-micropython", name])
        return output

    def modules(self) -> list[tuple[str, str]]:
        return [("builtin", "tls")] + [(backend, "ussl") for backend in self.options.backend]

    def script_count(self, name: str, module: str, script: str, few: int, many: int, *rest: object) -> float:
        """Instructions of one piece of the script's work: the difference between many and few. With sockets each is the
        least of three runs, as polling a socket that has no data yet costs instructions."""
        counts = [min(instructions([self.interpreter(name), SCRIPTS / script, module, count, self.certs,
                                    *(str(part()) if callable(part) else part for part in rest)])
                      for _ in range(3 if free_port in rest else 1))
                  for count in (few, many)]
        return (counts[1] - counts[0]) / (many - few)

    def module(self) -> None:
        few, many = (1, 2) if self.options.quick else (1, 11)  # with blinded arithmetic, handshakes differ
        for credential, kind in (("p256", "ECDSA"), ("rsa", "RSA")):
            base = None
            for name, module in self.modules():
                version = ["TLSv1_2"] if module == "ussl" else ["-"]
                value = self.script_count(name, module, "handshakes.py", few, many, *version, credential)
                base = base or value
                said = run([self.interpreter(name), SCRIPTS / "handshakes.py", module, 1, self.certs, *version, credential])
                self.add("module", f"handshake, {kind}, TLS 1.2", name, value, "instructions", base=base,
                         note="writes of client + server " + said.split("writes ")[1].strip())
                if module == "ussl" and "1.3" in FACTS[name]["tls"]:
                    value = self.script_count(name, module, "handshakes.py", few, many, "TLSv1_3", credential)
                    said = run([self.interpreter(name), SCRIPTS / "handshakes.py", module, 1, self.certs, "TLSv1_3"])
                    self.add("module", f"handshake, {kind}, TLS 1.3 against the built-in module's 1.2", name, value,
                             "instructions", base=base, note="writes " + said.split("writes ")[1].strip())
        # Many writes, as handshakes differ by the cost of several writes.
        for size, what, more in ((4096, "data, 4 KB writes", 200), (64, "data, 64-byte writes", 3000)):
            base = None
            for name, module in self.modules():
                few, many = (10, 30) if self.options.quick else (10, 10 + more)
                value = self.script_count(name, module, "bulk.py", few, many, size, free_port) / size
                base = base or value
                self.add("module", what, name, value, "instructions/byte", base=base)
        base = None
        for name, module in self.modules():
            said = run([self.interpreter(name), "-X", "heapsize=64M", SCRIPTS / "idle.py", module, 20, self.certs,
                        self.meter], env={**os.environ, "LD_PRELOAD": str(self.meter)})
            value = int(said.split()[1])
            base = base or value
            self.add("module", "idle end of a connection", name, value, "bytes", base=base)
        self.loopback()

    def over_loopback(self, name: str, module: str, count: int, *rest: str,
                      through: Callable[[int], int] = lambda port: port) -> list[tuple[int, ...]]:
        """Each connection's (microseconds of the handshake, until the answer, resumed)."""
        port = free_port()
        program = self.interpreter(name)
        resume = ["resume"] if "resume" in rest else []
        serve = [str(program), str(SCRIPTS / "loopback.py"), "serve", module, str(port), str(count), str(self.certs)]
        with Server(serve + resume, port):
            out = run([program, SCRIPTS / "loopback.py", "connect", module, through(port), count, self.certs, *rest],
                      timeout=300)
        return [tuple(map(int, line.split())) for line in out.splitlines()]

    def loopback(self) -> None:
        rounds, count = (1, 5) if self.options.quick else (5, 20)
        times: dict[str, list[int]] = {name: [] for name, _ in self.modules()}
        for _ in range(rounds):
            for name, module in self.modules():
                version = ["TLSv1_2"] if module == "ussl" else []
                times[name] += [answered for _, answered, _ in self.over_loopback(name, module, count, *version)]
        base = statistics.median(times["builtin"])
        for name, values in times.items():
            self.add("module", "handshake over loopback", name, statistics.median(values) / 1e3, "ms", base=base / 1e3,
                     note="to the first byte of an answer, Nagle's algorithm on")

    def latency(self) -> None:
        if os.geteuid() == 0 and not os.environ.get("USSL_BENCH_LINK"):
            setup = f"ip link set lo up && tc qdisc add dev lo root netem delay {DELAY * 1000:.0f}ms"
            tried = subprocess.run(["unshare", "-n", "sh", "-c", setup], capture_output=True, text=True)
            why = (tried.stderr.strip().splitlines() or ["?"])[-1]
            if tried.returncode == 0:
                # Runs this program again, in the namespace.
                with tempfile.NamedTemporaryFile(suffix=".json") as file:
                    quick = ["--quick"] if self.options.quick else []
                    command = [sys.executable, __file__, "--only", "latency", "--no-build", "--json", file.name,
                               "--backend", ",".join(self.options.backend), *quick]
                    for name, _ in self.modules():
                        self.interpreter(name)
                    done = subprocess.run(["unshare", "-n", "sh", "-c", setup + ' && exec "$@"', "sh", *command],
                                          env={**os.environ, "USSL_BENCH_LINK": "netem"}, cwd=ROOT)
                    if done.returncode:
                        sys.exit("the run in the network namespace failed")
                    self.rows += json.loads(Path(file.name).read_text())["rows"]
                return
        else:
            why = "not root"
        netem = os.environ.get("USSL_BENCH_LINK") == "netem"
        if not netem:
            print(f"netem is not available ({why}): a relay delays the bytes by 50 ms instead")
        count = 2 if self.options.quick else 5
        for name, module in self.modules():
            cases = [("full handshake, TLS 1.2", ["TLSv1_2"] if module == "ussl" else ["-"])]
            if module == "ussl" and "1.3" in FACTS[name]["tls"]:
                cases.append(("full handshake, TLS 1.3", ["TLSv1_3"]))
            if module == "ussl":
                able = run([self.interpreter(name), "-c", "import ussl; print(getattr(ussl, 'HAS_RESUMPTION', False))"])
                if able.strip() == "True":
                    cases += [(what.replace("full", "resumed"), [*rest, "resume"]) for what, rest in cases]
                else:
                    self.skip("latency", "resumed handshake", name, "this build does not resume")
            for what, rest in cases:
                relay = None if netem else Relay()
                results = self.over_loopback(name, module, count + 1, *rest,
                                             through=lambda port: relay.to(port) if relay else port)[1:]
                if relay:
                    relay.stop()
                if "resume" in rest and not all(resumed for _, _, resumed in results):
                    self.skip("latency", what, name, "the session was not resumed")
                    continue
                shaken, answered = (statistics.median(result[i] for result in results) / 1e6 / (2 * DELAY)
                                    for i in (0, 1))
                # Whole round trips, with some tolerance for computing.
                self.add("latency", what, name, int(shaken + 0.15), "round trips",
                         note=f"{shaken * 2 * DELAY * 1e3:.0f} ms; first byte of an answer after {answered:.2f}")

    def connections(self) -> None:
        idle, busy = (50, 10) if self.options.quick else (1000, 100)
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        for name, module in self.modules():
            port = free_port()
            serve = [str(self.interpreter(name)), "-X", "heapsize=512M", str(SCRIPTS / "many_server.py"), module,
                     str(port), str(self.certs), str(self.meter)]
            with Server(serve, port, LD_PRELOAD=str(self.meter)):
                done = subprocess.run([sys.executable, str(SCRIPTS / "many_clients.py"), str(port), str(self.certs),
                                       str(idle), str(busy)], capture_output=True, text=True, timeout=600)
                if done.returncode:
                    self.skip("connections", "all", name, "failed: " + done.stderr.strip().splitlines()[-1])
                    continue
                said = json.loads(done.stdout)
            note = f"{said['answered']} of {said['asked']} requests answered, slowest {said['slowest'] * 1e3:.0f} ms"
            self.add("connections", f"{idle} idle and {busy} busy on one server: connections served", name,
                     said["connected"], "connections", note=note)
            self.add("connections", "the server's memory for one, half of them there", name, said["half"], "bytes")
            self.add("connections", "the server's memory for one, all of them there", name, said["all"], "bytes")
            self.add("connections", "handshakes while the others stay", name, said["rate"], "1/s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A process that listens on a port, during a with block."""

    def __init__(self, command: list[str], port: int, **environment: str) -> None:
        self.command, self.port, self.environment = command, port, {**os.environ, **environment}

    def __enter__(self) -> "Server":
        self.process = subprocess.Popen(self.command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(500):
            # Reads the system's table of ports: a test connection would count as a client.
            if re.search(rf":{self.port:04X} 00000000:0000 0A", Path("/proc/net/tcp").read_text()):
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        sys.exit(f"{' '.join(self.command)} does not listen")

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


class Relay:
    """A process that relays to a port, DELAY later, in each direction. It accepts at once, so figures measured through it do not
    include TCP's handshake."""

    def to(self, port: int) -> int:
        own = free_port()
        self.process = subprocess.Popen([sys.executable, str(SCRIPTS / "relay.py"), str(own), str(port), str(DELAY)])
        for _ in range(500):
            if re.search(rf":{own:04X} 00000000:0000 0A", Path("/proc/net/tcp").read_text()):
                return own
            time.sleep(0.02)
        sys.exit("the relay does not listen")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def number(value: float, unit: str) -> str:
    if unit == "instructions":
        return f"{value / 1e6:.3f} M" if value >= 1e6 else f"{value:.0f}"
    return f"{value:.0f}" if unit in ("bytes", "connections", "round trips") or value >= 1000 else f"{value:.4g}"


def cells(row: Row) -> list[str]:
    if "skipped" in row:
        return [row["what"], row["subject"], "-", "", "", "", "skipped: " + row["skipped"]]
    ratio = f"{row['ratio']:.3f}" if "ratio" in row else ""
    target = f"<= {row['target']:g}" if "target" in row else ""
    met = {True: "met", False: "MISSED", None: ""}[row.get("met")]
    return [row["what"], row["subject"], f"{number(row['value'], row['unit'])} {row['unit']}".replace("M instr", "M instr"),
            ratio, target, met, row.get("note", "")]


def line_of(row: Row) -> str:
    widths = (62, 16, 22, 8, 9, 7, 0)
    return "  ".join(cell.ljust(width) for cell, width in zip(cells(row), widths)).rstrip()


def markdown(rows: list[Row]) -> str:
    text = ""
    for group in GROUPS:
        own = [row for row in rows if row["group"] == group]
        if own:
            text += f"### {TITLES[group]}\n\n| what | of | figure | ratio | target | | |\n|---|---|--:|--:|--:|---|---|\n"
            text += "".join("| " + " | ".join(cells(row)) + " |\n" for row in own) + "\n"
    return text


TITLES = {
    "abstraction": "The interface against the library alone",
    "module": "The module against MicroPython's built-in `tls`",
    "backends": "The backends, and the system's library alone",
    "rates": "Handshakes a second",
    "floor": "The floor",
    "latency": "Round trips",
    "connections": "Many connections",
}


def chart(rows: list[Row], path: Path) -> None:
    """The abstraction's and the module's ratios with their targets. Dots, as bars cannot start at zero on a logarithmic axis; the
    figures are in a column beside them."""
    import matplotlib
    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "ussl"  # the same figures give the same file
    from matplotlib import pyplot
    colours = {name: FACTS[name]["colour"] for name in BACKENDS}
    labels = [("abstraction", "instructions, library alone = 1"), ("module", "built-in tls = 1 (logarithmic)")]
    panels = [(group, label, [row for row in rows if row["group"] == group and "ratio" in row and
                              row["subject"] in colours][::-1]) for group, label in labels]
    panels = [panel for panel in panels if panel[2]]
    if not panels:
        return
    figure, axes = pyplot.subplots(len(panels), 1, figsize=(9, 1 + 0.24 * sum(len(rows) for *_, rows in panels)),
                                   gridspec_kw={"height_ratios": [len(rows) + 1 for *_, rows in panels]}, squeeze=False)
    for (group, label, own), place in zip(panels, axes[:, 0]):
        names = [f"{row['what']}, {row['subject']}" for row in own]
        place.hlines(range(len(own)), 0, 1, transform=place.get_yaxis_transform(), color="#e3e3e3", linewidth=0.8, zorder=0)
        place.scatter([row["ratio"] for row in own], names, color=[colours[row["subject"]] for row in own], s=36, zorder=3)
        for at, row in enumerate(own):
            place.text(1.02, at, f"{row['ratio']:.3f}", va="center", fontsize=8, transform=place.get_yaxis_transform())
            if "target" in row and row["what"] not in BY_VALUE:
                place.plot([row["target"]] * 2, [at - 0.4, at + 0.4], color="black", linewidth=1.5)
        place.set_xlabel(label + "; |: the target", fontsize=9)
        place.tick_params(labelsize=8)
        place.margins(x=0.05, y=0.02)
        place.axvline(1, color="#9a9a9a", linewidth=0.8)
        if group == "module":
            place.set_xscale("log")
        for side in ("top", "right"):
            place.spines[side].set_visible(False)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", type=names(GROUPS), default=GROUPS)
    parser.add_argument("--backend", type=names(BACKENDS), default=BACKENDS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path, default=BUILD / "bench.json")
    parser.add_argument("--chart", type=Path)
    parser.add_argument("--document", action="store_true")
    parser.add_argument("--no-build", action="store_true")  # uses existing interpreters as they are
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as certs:
        os.chmod(certs, 0o755)
        run([sys.executable, "tests/certs/make.py", "--output", certs])
        bench = Bench(options, Path(certs))
        if options.json.exists():  # an earlier run's figures, until a group has new ones
            bench.rows = json.loads(options.json.read_text())["rows"]
        if not options.no_build and {"abstraction", "module", "backends", "rates", "floor", "connections"} & set(options.only):
            bench.programs()
        for group in options.only:
            print(f"\n{TITLES[group]}\n", flush=True)
            bench.rows = [row for row in bench.rows if row["group"] != group]
            getattr(bench, group)()
            # After each group, as a later one may take long.
            write(bench.rows, options)
    missed = [row for row in bench.rows if row.get("met") is False]
    print(f"\n{len(missed)} of {sum('met' in row for row in bench.rows)} targets missed"
          + "".join(f"\n  {row['group']}: {row['what']}, {row['subject']}" for row in missed))


def write(rows: list[Row], options: argparse.Namespace) -> None:
    options.json.parent.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[1]
    options.json.write_text(json.dumps({"load": load, "rows": rows}, indent=1) + "\n")
    if not os.environ.get("USSL_BENCH_LINK"):
        chart(rows, options.chart or options.json.with_suffix(".svg"))
    lacking = [group for group in GROUPS if not any(row["group"] == group for row in rows)]
    if options.document and lacking:
        print(f"docs/performance.md stays as it is: no figures yet of {', '.join(lacking)}", flush=True)
    elif options.document:
        docs = ROOT / "docs"
        chart(rows, docs / "performance" / "ratios.svg")
        busy = load - 1 > (os.cpu_count() or 1) / 4  # the 1 is this program
        said = f"Load of the machine (processors: {os.cpu_count()}): {load:.1f}." + (
            " **Times in this run are worth nothing**; instructions, bytes and round trips are.\n\n" if busy else "\n\n")
        rewrite(docs / "performance.md", "figures",
                said + markdown(rows) + "![ratios and their targets](performance/ratios.svg)\n")


if __name__ == "__main__":
    main()
