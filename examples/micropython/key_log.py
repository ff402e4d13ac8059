# Fetches a page over HTTPS and writes the connection's secrets to a file, so that Wireshark can decrypt a capture:
#
#   micropython key_log.py HOST PORT PATH CAFILE KEYLOGFILE [NAME]
#   tshark -r CAPTURE -o tls.keylog_file:KEYLOGFILE -d tcp.port==PORT,tls -z follow,tls,ascii,0
#
# Only builds with USSL_KEY_LOG can do this: for hosts, never for a device in use.

import sys

import https_get
import ussl

if not ussl.HAS_KEY_LOG:
    raise SystemExit("this build has no key log: build it with USSL_KEY_LOG=1")
host, port, path, cafile, keylogfile = sys.argv[1:6]
name = sys.argv[6] if len(sys.argv) > 6 else None
with open(keylogfile, "a") as log:
    print(https_get.get(host, int(port), path, cafile, name, lambda line: log.write(line + "\n"))[0])
