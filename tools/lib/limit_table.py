"""The table of limits in docs/verification.md, with the numbers of the code."""

import os
import re

from marked import with_inside

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "docs", "verification.md")
CHECK, PATH, KEY = (f"core/include/ussl/x509/{name}.hpp" for name in ("path_check", "path", "private_key"))
# What is limited, its limit ({NAME}: a constant), the result beyond it, and the files with the constants.
ROWS = [
    ("RSA keys in a peer's path, bits", "{min_rsa_bits} to {max_rsa_bits}", "`weak_key`, `unsupported`", CHECK),
    ("curves in a peer's path, bits", "from {min_curve_bits}: secp256r1, secp384r1", "`weak_key`, `unsupported`",
     CHECK),
    ("own RSA keys, bits", "{min_own_rsa_bits} to {max_own_rsa_bits}", "`weak_key`, `unsupported`", KEY),
    ("certificates of a path, the anchor included", "{max_path_length}", "further ones are not looked at",
     CHECK),
    ("certificates of an own chain", "one fewer", "`invalid_argument`", CHECK),
    ("a peer's handshake message, bytes", "what `USSL_HANDSHAKE_MESSAGE` says: 65,536", "`message_too_large`", ""),
    ("an own Certificate message, bytes", "{max_own_certificates}", "`invalid_argument`",
     "core/include/ussl/backend/handshake_message.hpp"),
    ("ways that the search turns back from", "{max_steps_back}", "it is given up", PATH),
    ("anchors of one name from an `AnchorSource`", "{max_anchors_of_a_name}", "further ones are not asked for", PATH),
    ("extensions of a certificate", "{max_extensions}", "malformed", "core/src/x509/certificate.cpp"),
    ("serial numbers", "none: zero, negative and long ones pass", "", ""),
]


def constant(text: str, name: str) -> str:
    found = re.search(rf"\b{name} = (\d+)", text)
    if not found:
        raise SystemExit(f"tools/limits: no constant {name}")
    return f"{int(found.group(1)):,}"


def table() -> str:
    lines = ["| what | limit | beyond it |\n", "|---|---|---|\n"]
    for what, limit, beyond, path in ROWS:
        if path:
            with open(os.path.join(ROOT, path)) as file:
                text = file.read()
            limit = re.sub(r"\{(\w+)\}", lambda match: constant(text, match.group(1)), limit)
        lines.append(f"| {what} | {limit} | {beyond} |\n")
    return "".join(lines)


def rewritten(page: str) -> str:
    return with_inside(page, "limits", table())
