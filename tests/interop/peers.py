#!/usr/bin/python3
"""Runs ussl against other programs over loopback sockets: OpenSSL and GnuTLS in both roles, nginx and mosquitto as servers.
Prints a line for each case; ends with 'N passed, N failed'. A missing program is a failure, unless --peers leaves it out."""

import argparse
import sys
from pathlib import Path

from with_gnutls import GnuTls
from with_openssl import OpenSsl
from with_servers import Servers

PEERS = ["openssl", "gnutls", "nginx", "mosquitto"]
PROGRAMS = {"openssl": ["openssl"], "gnutls": ["gnutls-cli", "gnutls-serv"], "nginx": ["nginx"], "mosquitto": ["mosquitto"]}
PACKAGES = {"openssl": "openssl", "gnutls": "gnutls-bin", "nginx": "nginx-light", "mosquitto": "mosquitto"}


class Tests(OpenSsl, GnuTls, Servers):
    pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True, type=Path, help="Meson build directory with the backend in it")
    parser.add_argument("--backend", required=True)
    parser.add_argument("--peers", default=",".join(PEERS), help="peer programs, separated by commas")
    options = parser.parse_args()
    tests = Tests(options.build.resolve(), options.backend)
    return tests.run_peers(options.peers, PROGRAMS, PACKAGES)


if __name__ == "__main__":
    sys.exit(main())
