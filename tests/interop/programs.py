"""Runs other programs as servers and clients; prints and counts the cases."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Optional, TypeVar

sys.path.append(str(Path(__file__).resolve().parent.parent / "support"))

from ports import free_port  # noqa: E402, F401 (for modules that start a server)

SECONDS = 20  # after that a program hangs
Itself = TypeVar("Itself", bound="Process")


class Failure(Exception):
    pass


def find(program: str) -> Optional[str]:
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


class Process:
    """A running program; collects its output. Killed at the end of the `with` block."""

    def __init__(self, command: Sequence[object], **kwargs: Any) -> None:
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, start_new_session=True, **kwargs)
        assert self.process.stdin and self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        self.output = b""
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self._gather, daemon=True)
        self.reader.start()

    def __enter__(self: Itself) -> Itself:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        try:
            self.stdin.close()
        except BrokenPipeError:  # the program ended before it read everything
            pass
        self.reader.join()
        self.stdout.close()

    def _gather(self) -> None:
        while chunk := os.read(self.stdout.fileno(), 65536):
            with self.changed:
                self.output += chunk
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    ended = False

    def wait_for(self, pattern: bytes) -> re.Match[bytes]:
        """Waits until the output matches; returns the match."""
        with self.changed:
            found = self.changed.wait_for(lambda: re.search(pattern, self.output) or self.ended, SECONDS)
            match = re.search(pattern, self.output)
        if not match:
            raise Failure(f"no {pattern!r} ({'ended' if found else 'timeout'}): {tail(self.output)}")
        return match

    def send(self, text: bytes) -> None:
        try:
            self.stdin.write(text)
            self.stdin.flush()
        except BrokenPipeError:
            pass  # its output says why

    def finish(self) -> int:
        try:
            code = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            raise Failure(f"does not end: {tail(self.output)}") from None
        self.reader.join()
        return code


class Nginx(Process):
    """nginx with these server blocks; all its files are below `prefix`."""

    def __init__(self, prefix: str, servers: Sequence[str]) -> None:
        (Path(prefix) / "nginx.conf").write_text(f"""
            daemon off; master_process off; pid {prefix}/pid; error_log stderr notice;
            events {{ }}
            http {{
                access_log off; client_body_temp_path {prefix}/body; proxy_temp_path {prefix}/proxy;
                fastcgi_temp_path {prefix}/fastcgi; uwsgi_temp_path {prefix}/uwsgi; scgi_temp_path {prefix}/scgi;
                {''.join(servers)}
            }}""")
        super().__init__([find("nginx"), "-p", prefix, "-c", "nginx.conf", "-e", "stderr"])

    def wait_until_it_serves(self) -> None:
        self.wait_for(rb"built by|start worker|using the \"epoll\"")


def tail(output: bytes) -> str:
    return output.decode(errors="replace").strip().replace("\n", " | ")[-300:]


class Cases:
    """Prints a line for each case."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self.passed = self.failed = 0

    def case(self, name: str, body: Callable[..., None], *args: Any) -> None:
        try:
            body(*args)
        except Failure as failure:
            self.failed += 1
            print(f"FAIL {self.backend}: {name}: {failure}", flush=True)
        else:
            self.passed += 1
            print(f"ok   {self.backend}: {name}", flush=True)

    @staticmethod
    def fail(failure: Failure) -> None:
        raise failure

    def run_peers(self, peers: str, programs: dict[str, list[str]], packages: dict[str, str]) -> int:
        """Calls the method with the name of each peer, if its programs are installed. Returns the exit code."""
        for peer in peers.split(","):
            missing = [program for program in programs[peer] if not find(program)]
            if missing:
                self.case(peer, self.fail, Failure(f"{', '.join(missing)} not found: apt-get install {packages[peer]}"))
            else:
                getattr(self, peer)()
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
