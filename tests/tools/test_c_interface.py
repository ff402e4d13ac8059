"""Whether all of the C++ interface can be reached through ussl.h: each function, member, rule, and error."""

import re
import unittest

from backends import ROOT

HEADERS = ROOT / "core/include/ussl"
C = (ROOT / "bindings/c/include/ussl.h").read_text()

# C++ class, and the prefix of its functions in C.
CLASSES = [("context.hpp", "Context", "ussl_context_"), ("session.hpp", "Session", "ussl_session_"),
           ("pump.hpp", "Pump", "ussl_pump_"), ("datagram_listener.hpp", "DatagramListener", "ussl_listener_"),
           ("root_bundle.hpp", "RootBundle", "ussl_root_bundle_")]
STRUCTS = [("context.hpp", "ContextConfig", "ussl_config"), ("context.hpp", "Credential", "ussl_credential"),
           ("context.hpp", "PreSharedKey", "ussl_psk"),
           ("session.hpp", "PeerIdentity", "ussl_peer"), ("environment.hpp", "Environment", "ussl_environment"),
           ("callbacks.hpp", "VerifyCallback", "ussl_verify_callback"), ("callbacks.hpp", "AnchorSource", "ussl_anchor_source"),
           ("callbacks.hpp", "PskCallback", "ussl_psk_callback"), ("callbacks.hpp", "Signer", "ussl_signer"),
           ("callbacks.hpp", "ServerNameCallback", "ussl_server_name_callback"), ("callbacks.hpp", "KeyLog", "ussl_key_log"),
           ("error.hpp", "Error", "ussl_error"), ("pump.hpp", "PumpResult", "ussl_pump_result"),
           ("pump.hpp", "TransportResult", "ussl_transport_result"), ("pem.hpp", "Block", "ussl_pem_block"),
           ("make_certificate.hpp", "NewCertificate", "ussl_new_certificate")]
# What is called otherwise in C, or is not there, and why.
OTHERWISE = {
    "Context::backend": "ussl_backend_name", "ContextConfig::policy": "skip_checks",
    "Policy::callback_may_accept": "callback_may_accept",
    "name_of": "USSL_VERSION_TLS1_2: ussl.h names both", "suites": "ussl_suites", "is_known_suite": "ussl_suite_number",
    "Backend": "ussl_backend_name and what follows it", "CapabilityName": "ussl_can", "Capabilities": "ussl_can",
    "P256": "the build's backend has one", "Locks": "ussl_set_locks",
    "Allocator": "ussl_set_allocator", "Suite": "ussl_suite_name", "Policy": "test_rules", "IoResult": "a status and a count",
    "Reader": "ussl_pem_next", "as_bytes": "C has no spans to make", "equal": "memcmp", "crc32": "bundles check themselves",
    "allocate_record": "a program has its own", "release_record": "a program has its own", "RecordPool": "a program has its own",
    "allocate": "a program has its own", "release": "a program has its own", "allocator": "a program knows what it has set",
    "wipe": "ussl_wipe", "has_anchors_or_pins": "for core", "within_build": "for backends", "takes_credentials": "for backends",
    "max_der_size": "USSL_PEM_MAX_DER_SIZE", "decode": "ussl_pem_decode", "is_pem": "ussl_is_pem",
}


def code(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def body(text, opening):
    """What stands in the braces behind `opening`, but not within further ones."""
    start = re.search(opening + r"[^;{]*\{", text)
    assert start, opening
    depth, out = 1, []
    for char in text[start.end():]:
        depth += (char == "{") - (char == "}")
        if depth == 0:
            break
        out.append(char if depth == 1 else ";" if char == "}" else "")
    return "".join(out)


def functions_of(header, name):
    public = re.split(r"\b(?:private|protected):", body(code((HEADERS / header).read_text()), rf"class {name}\b"))[0]
    return set(re.findall(r"[\w>&*] ?\b([a-z]\w*[a-z])\(", public))


def members_of(text, name):
    inside = body(text, rf"struct {name}\b")
    inside = re.sub(r"\b(?:static|constexpr|enum)\b[^;]*;", "", inside)
    members = set()
    for statement in inside.split(";"):
        if pointer := re.search(r"\(\*(\w+)\)\(", statement):
            members.add(pointer[1])
        elif not re.search(r"\w\s*\(", statement):
            members |= {found[0] for found in re.findall(r"(\w+)\s*(=[^,]*)?(?:,|$)", statement.strip())}
    return members


def enumerators(text, opening):
    return {name: value for name, value in re.findall(r"(\w+)\s*=\s*(\w+)", body(text, opening))}


class Interface(unittest.TestCase):
    def setUp(self):
        self.used = set()

    def is_there(self, what, name, names):
        if what in OTHERWISE:
            self.used.add(what)
        else:
            self.assertTrue(name in names, f"{what}: not in ussl.h, and no reason in OTHERWISE")

    def test_functions(self):
        declared = set(re.findall(r"\b(ussl_\w+)\(", code(C)))
        for header, name, prefix in CLASSES:
            functions = functions_of(header, name)
            self.assertTrue(functions, name)
            for function in functions:
                self.is_there(f"{name}::{function}", prefix + function, declared)

    def test_types(self):
        """None is forgotten above."""
        known = {name for _, name, _ in CLASSES + STRUCTS}
        for header in sorted(HEADERS.glob("*.hpp")):
            for name in re.findall(r"^(?:class|struct) (\w+) \{", code(header.read_text()), re.M):
                if name not in known:
                    self.is_there(name, "", set())

    def test_members(self):
        text = code(C)
        for header, name, c_name in STRUCTS:
            there = members_of(text, c_name)
            members = members_of(code((HEADERS / header).read_text()), name)
            self.assertTrue(members, name)
            for member in members:
                self.is_there(f"{name}::{member}", member, there)

    def test_rules(self):
        rules = members_of(code((HEADERS / "policy.hpp").read_text()), "Policy")
        bits = re.findall(r"USSL_SKIP_(\w+) = 1 << (\d)", C)
        self.assertEqual({name.lower() for name, _ in bits}, {rule[len("check_"):] for rule in rules if rule.startswith("check_")})
        self.assertEqual(len({bit for _, bit in bits}), len(bits))
        for rule in rules:
            if not rule.startswith("check_"):
                self.is_there(f"Policy::{rule}", rule, set())

    def test_numbers(self):
        errors = enumerators(code((HEADERS / "error.hpp").read_text()), "enum class Err")
        self.assertGreater(len(errors), 40)
        self.assertEqual({name.upper(): value for name, value in errors.items()},
                         {name[len("USSL_ERR_"):]: value for name, value in enumerators(code(C), "enum ussl_code").items()})

    def test_free_functions(self):
        declared = set(re.findall(r"\b(ussl_\w+)\(", code(C)))
        function = re.compile(r"^(?=\S)(?!return|using|template)[\w:<>*& ]+[ *&]([a-z]\w*)\([^;{]*\)\s*(?:;|\{)", re.M)
        for header in sorted(HEADERS.glob("*.hpp")):
            for name in function.findall(code(header.read_text())):
                self.is_there(name, "ussl_" + name, declared)

    def test_exceptions_are_needed(self):
        for test in (self.test_functions, self.test_types, self.test_members, self.test_rules, self.test_free_functions):
            test()
        self.assertEqual(set(OTHERWISE) - self.used, set(), "nothing needs these entries of OTHERWISE")


if __name__ == "__main__":
    unittest.main()
