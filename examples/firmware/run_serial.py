#!/usr/bin/python3
"""Runs the firmware's client in QEMU, its serial line connected to `openssl s_server` on this host.

  run_serial.py [--machine MACHINE] [--tls1_3] SERVER.pem FIRMWARE

Prints what the firmware says, and 'N passed, N failed'. The server sends each line back, turned round."""

import argparse
import shutil
import socket
import subprocess
import sys
import time


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
    sys.exit("openssl s_server does not listen")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--machine", default="mps2-an386")
    parser.add_argument("--tls1_3", action="store_true")
    parser.add_argument("certificate")
    parser.add_argument("firmware")
    options = parser.parse_args()
    port = free_port()
    openssl = shutil.which("openssl") or sys.exit("no openssl: install Debian's package of that name")
    server = subprocess.Popen(
        [openssl, "s_server", "-accept", f"127.0.0.1:{port}", "-cert", options.certificate, "-key", options.certificate,
         "-rev", "-quiet", "-max_send_frag", "2048", "-tls1_3" if options.tls1_3 else "-tls1_2"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, server)
        board = subprocess.run(
            ["qemu-system-arm", "-M", options.machine, "-display", "none", "-monitor", "none", "-semihosting",
             "-icount", "shift=6", "-serial", f"tcp:127.0.0.1:{port}", "-kernel", options.firmware],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=90)
    finally:
        server.kill()
        server.wait()
    print(board.stdout, end="")
    good = board.returncode == 0 and "olleh" in board.stdout
    print("1 passed, 0 failed" if good else "0 passed, 1 failed")
    return 0 if good else 1


sys.exit(main())
