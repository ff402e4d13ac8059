#!/usr/bin/python3
"""Runs the firmware's client in QEMU, its serial line connected to a server on this host: `openssl s_server`, or
psk_server.py for firmware with a pre-shared key.

  run_serial.py [--machine MACHINE] [--tls1_3] [--records SIZE] SERVER.pem|SERVER.psk FIRMWARE

Prints what the firmware says, and 'N passed, N failed'. The server sends each line back, turned round, in records of at
most SIZE bytes (2048). A record of type 0, which TLS has not, ends its connection: what comes after it goes into a new
one, and the record comes back."""

import argparse
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

HANG_UP = b"\0\0\0\0\0"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, server):
    for _ in range(100):
        # Asked by what does not connect: the server would take it for its client.
        with open("/proc/net/tcp") as table:
            if f":{port:04X} 00000000:0000 0A" in table.read():
                return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit("the server does not listen")


def exactly(board, count):
    data = b""
    while len(data) < count:
        piece = board.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def relay(listener, port):
    """Between the board's line and the server, until the board is gone."""
    board, _ = listener.accept()

    def back(server):
        try:
            while data := server.recv(65536):
                board.sendall(data)
        except OSError:
            pass  # the board has gone, or the connection was reset
    server = None
    try:
        while True:
            header = exactly(board, 5)
            record = header + exactly(board, int.from_bytes(header[3:], "big"))
            if record != HANG_UP:
                if server is None:
                    server = socket.create_connection(("127.0.0.1", port))
                    reader = threading.Thread(target=back, args=(server,), daemon=True)
                    reader.start()
                server.sendall(record)
            elif server is not None:
                server.shutdown(socket.SHUT_WR)
                reader.join()
                server.close()
                server = None
                board.sendall(HANG_UP)
    except (EOFError, OSError):
        if server is not None:
            server.close()


def server_command(port, options):
    if options.credential.endswith(".psk"):
        return [sys.executable, str(Path(__file__).with_name("psk_server.py")), str(port), options.credential, "--records",
                options.records]
    openssl = shutil.which("openssl") or sys.exit("no openssl: install Debian's package of that name")
    return [openssl, "s_server", "-accept", f"127.0.0.1:{port}", "-cert", options.credential, "-key", options.credential,
            "-rev", "-quiet", "-max_send_frag", options.records, "-tls1_3" if options.tls1_3 else "-tls1_2"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--machine", default="mps2-an386")
    parser.add_argument("--tls1_3", action="store_true")
    parser.add_argument("--records", default="2048")
    parser.add_argument("credential")
    parser.add_argument("firmware")
    options = parser.parse_args()
    port = free_port()
    server = subprocess.Popen(server_command(port, options), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    listener = socket.create_server(("127.0.0.1", 0))
    # The board `virt` is RISC-V's; its firmware is this program.
    emulator = ["qemu-system-riscv32", "-bios", "none"] if options.machine == "virt" else ["qemu-system-arm"]
    try:
        wait_for(port, server)
        threading.Thread(target=relay, args=(listener, port), daemon=True).start()
        board = subprocess.run(
            [*emulator, "-M", options.machine, "-display", "none", "-monitor", "none", "-semihosting", "-icount", "shift=6",
             "-serial", "tcp:127.0.0.1:%d" % listener.getsockname()[1], "-kernel", options.firmware],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240)
    except subprocess.TimeoutExpired as late:
        sys.exit(f"the board did not end within 240 seconds, and said: {(late.stdout or b'').decode()!r}\n"
                 "If nothing is wrong, the machine was too busy: run it again.")
    finally:
        server.kill()
        server.wait()
    print(board.stdout, end="")
    good = board.returncode == 0 and "olleh" in board.stdout
    print("1 passed, 0 failed" if good else "0 passed, 1 failed")
    return 0 if good else 1


sys.exit(main())
