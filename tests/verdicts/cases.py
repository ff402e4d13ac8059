"""The table of verdicts: chains, the verdict that every backend must reach on each, and the reason.

case(name, reason, verdict, ...): `verdict` is a name in ussl::Err, or "ok". A chain has a leaf, any number of intermediates and a
root. Each is a dict of the differences from a good certificate (make.py has the defaults).

    leaf=, inters=[...], root=      the differences; the first intermediate is the leaf's issuer
    send=                           which certificates the peer sends, by index: 0 the leaf; -1 the root; a name of EXTRA
    anchors=                        "root" (default), "bundle" (Debian's, and the root), "inter0", "leaf", "other", …
    host=, ip=                      the client's reference identity; the default is HOST
    off=[...]                       settings of ussl::Policy that are switched off
    at=                             the time; the default is NOW
    roles=                          "server": a client judges a server; "client": a server judges a client
    client=                         the verdict on the client, if it differs
    path=False                      no path of valid signatures leads to an anchor: the library must notice
    stricter=, looser=              why `openssl verify -x509_strict` disagrees
    needs=                          a capability; in a backend without it the verdict is "unsupported"
    message=                        a session's error, if it refuses the message before it reaches the verdict
    own=                            the result of opening a context with this chain as its own: "ok", or the error. Default:
                                    "bad_certificate" if the peer's is malformed, "unsupported" for some kinds of keys

Verdicts that a library cannot be made to reach are listed in its backend's differences.txt. An entry that is no longer true
fails."""

import datetime
from pathlib import Path
from typing import Any

from x509der import (EMPTY_NAME, NULL, basic_constraints, dns, email, extended_key_usage, extension, info_with_numbers,
                     integer, ip, key_usage, name, name_constraints, oid, seq, subject_alt_name, tlv, uri)

NOW = datetime.datetime(2027, 6, 1, 12, 0, 0)
DAY = datetime.timedelta(days=1)
SECOND = datetime.timedelta(seconds=1)
HOST = "test.example"

CASES: list[dict[str, Any]] = []
BAD, BAD_OWN = "bad_peer_certificate", "bad_certificate"


def case(name, reason, verdict="ok", **rest):
    if any(other["name"] == name for other in CASES):
        raise SystemExit(f"two cases named {name}")
    CASES.append({"name": name, "reason": reason, "verdict": verdict, **rest})


def hosts(*names):
    return {"san": [n if isinstance(n, bytes) else dns(n) for n in names]}


# --- Good chains, in the shapes that occur in practice ---

case("plain", "leaf, intermediate and anchor on P-256: the base of all other cases")
case("direct", "the anchor itself issued the leaf", inters=[])
case("anchor-sent", "a server may send the anchor, too (RFC 8446, 4.4.2)", send=[0, 1, -1])
case("leaf-and-anchor-sent", "no intermediate, the anchor sent", inters=[], send=[0, -1])
case("p384-leaf", "P-384 leaf", leaf={"key": "p384:leaf"}, needs="ecdsa_p384")
case("p384-chain", "P-384 throughout, with SHA-384", leaf={"key": "p384:leaf", "scheme": "sha384"},
     inters=[{"key": "p384:inter", "scheme": "sha384"}], root={"key": "p384:root", "scheme": "sha384"}, needs="ecdsa_p384")
case("p384-issuers", "P-256 leaf under P-384 issuers, as public CAs do it", leaf={"scheme": "sha384"},
     inters=[{"key": "p384:inter", "scheme": "sha384"}], root={"key": "p384:root", "scheme": "sha384"}, needs="ecdsa_p384")
case("rsa-chain", "RSA-2048 throughout", leaf={"key": "rsa2048:leaf"}, inters=[{"key": "rsa2048:inter"}],
     root={"key": "rsa2048:root"}, needs="rsa")
case("rsa-leaf", "RSA leaf under ECDSA issuers", leaf={"key": "rsa2048:leaf"}, needs="rsa")
case("rsa-issuers", "P-256 leaf under RSA issuers, the most common mixture", inters=[{"key": "rsa2048:inter"}],
     root={"key": "rsa2048:root"}, needs="rsa")
case("rsa-root-ec-inter", "P-256 intermediate under an RSA root", root={"key": "rsa2048:root"}, needs="rsa")
case("rsa3072", "RSA-3072 leaf", leaf={"key": "rsa3072:leaf"}, needs="rsa")
case("rsa4096-root", "RSA-4096 anchor, like most public roots", inters=[{"key": "rsa2048:inter"}],
     root={"key": "rsa4096:root"}, needs="rsa")
case("rsa4096-chain", "RSA-4096 throughout", leaf={"key": "rsa4096:leaf"}, inters=[{"key": "rsa4096:inter"}],
     root={"key": "rsa4096:root"}, needs="rsa")
for bits in (256, 384, 512):
    case(f"rsa-sha{bits}", f"signed with RSA and SHA-{bits}", leaf={"scheme": f"sha{bits}"},
         inters=[{"key": "rsa2048:inter"}], needs="rsa")
    case(f"ecdsa-sha{bits}", f"signed with ECDSA and SHA-{bits}", leaf={"scheme": f"sha{bits}"})
    case(f"pss-sha{bits}", f"signed with RSASSA-PSS and SHA-{bits}", leaf={"scheme": f"pss-sha{bits}"},
         inters=[{"key": "rsa2048:inter"}], needs="rsa_pss_certificates")
case("pss-chain", "RSASSA-PSS throughout", leaf={"key": "rsa2048:leaf", "scheme": "pss-sha256"},
     inters=[{"key": "rsa2048:inter", "scheme": "pss-sha256"}], root={"key": "rsa2048:root", "scheme": "pss-sha256"},
     needs="rsa_pss_certificates")
case("pss-root-only", "the anchor's own signature is RSASSA-PSS: it does not count", inters=[{"key": "rsa2048:inter"}],
     root={"key": "rsa2048:root", "scheme": "pss-sha256"}, needs="rsa")
for length in range(2, 9):
    case(f"long-{length}", f"{length} certificates below the anchor", inters=[{} for _ in range(length - 1)])
case("bundle-plain", "all of Debian's anchors, and ours", anchors="bundle")
case("bundle-direct", "issued by one anchor of many", anchors="bundle", inters=[])
case("bundle-rsa", "RSA chain among Debian's anchors", anchors="bundle", leaf={"key": "rsa2048:leaf"},
     inters=[{"key": "rsa2048:inter"}], root={"key": "rsa4096:root"}, needs="rsa")
case("bundle-p384", "P-384 chain among Debian's anchors", anchors="bundle", leaf={"scheme": "sha384"},
     inters=[{"key": "p384:inter", "scheme": "sha384"}], root={"key": "p384:root", "scheme": "sha384"}, needs="ecdsa_p384")
case("bundle-unknown", "none of Debian's anchors issued this", "untrusted", anchors="bundle-only", path=False)
case("bundle-long", "long chain among Debian's anchors", anchors="bundle", inters=[{} for _ in range(5)])
case("san-300", "300 names, the last one matches", host="n299.test.example",
     leaf=hosts(*(f"n{i}.test.example" for i in range(300))))
case("san-300-none", "300 names, none matches", "wrong_host", host="n300.test.example",
     leaf=hosts(*(f"n{i}.test.example" for i in range(300))))
case("san-ip-100", "100 addresses, the last one matches", ip="10.0.0.99",
     leaf={"san": [ip(f"10.0.0.{i}") for i in range(100)]})
case("cross-signed", "an older, untrusted root signed the root; the server sends that certificate, too",
     send=[0, 1, "root-by-old"])
case("cross-signed-old-trust", "the newer root is trusted only through the older one", anchors="old",
     send=[0, 1, "root-by-old"])
case("cross-signed-both", "both roots are trusted", anchors="root+old", send=[0, 1, "root-by-old"])
case("cross-inter-second", "the intermediate has two certificates; only the second one leads to the anchor",
     send=[0, "inter-by-old", 1],
     looser="openssl verify finds it as well; this case is for libraries that try only the first")
case("cross-expired-first", "an issuer's expired certificate, sent first, does not hide its valid one",
     send=[0, "inter-expired", 1, 2], inters=[{}, {}])
case("cross-expired-last", "an issuer's expired certificate, sent last", send=[0, 1, 2, "inter-expired"], inters=[{}, {}])
case("cross-expired-only", "an issuer's expired certificate, and no other",
     "expired", send=[0, "inter-expired", 2], inters=[{}, {}])
case("cross-first-told", "two bad paths: the verdict is the first one's error", "expired",
     send=[0, "inter-expired", "inter-for-code", 2], inters=[{}, {}])
case("cross-first-told-2", "two bad paths, in the other order", "wrong_purpose", send=[0, "inter-for-code", "inter-expired", 2],
     inters=[{}, {}])
MAZE = [{"subject": "maze", "key": "p256:maze", "serial": i + 1} for i in range(11)]
case("maze", "eleven issuers with one name and key, each of which issued all others", inters=MAZE,
     looser="openssl stops at a self-issued certificate")
case("maze-untrusted", "eleven such issuers, and no anchor: there are 11! paths to try", "untrusted", inters=MAZE,
     anchors="other", path=False)
case("inter-anchor", "an intermediate may be the anchor", anchors="inter0", send=[0, 1])
case("inter-anchor-unsent", "an intermediate may be the anchor; it is not sent", anchors="inter0", send=[0])
case("leaf-anchor", "the peer's own certificate may be the anchor", anchors="leaf", inters=[], send=[0],
     root=None)
case("leaf-anchor-issued", "a leaf of an unknown CA may be the anchor", anchors="leaf", send=[0])
case("superfluous", "a certificate that is not on the path is ignored", send=[0, 1, "unrelated"])
case("superfluous-critical", "a certificate that is not on the path, with an unknown critical extension, is ignored",
     send=[0, 1, "unrelated-critical"],
     own=BAD_OWN)
case("superfluous-constrained", "a certificate that is not on the path, with critical name constraints, is ignored",
     send=[0, 1, "unrelated-constrained"])
case("superfluous-between", "a certificate that is not on the path, between the leaf and its issuer", send=[0, "unrelated", 1])
case("superfluous-twice", "the intermediate is sent twice", send=[0, 1, 1])
case("reversed", "issuers in reverse order (RFC 8446, 4.4.2: clients should accept any order)", inters=[{}, {}], send=[0, 2, 1])
case("no-key-ids", "no key identifiers: RFC 5280 requires them, real certificates often lack them", leaf={"key_ids": False},
     inters=[{"key_ids": False}], looser="-x509_strict requires key identifiers")
case("same-names-two-anchors", "two anchors with one name; the second one is the issuer", anchors="impostor+root")
case("same-names-two-anchors-2", "two anchors with one name; the first one is the issuer", anchors="root+impostor")
case("self-issued-inter", "a self-issued certificate for a new key of the intermediate", inters=[
    {"subject": "rollover", "issuer": "rollover"}, {"subject": "rollover"}])
case("empty-subject", "no subject, and a critical subjectAltName (RFC 5280, 4.1.2.6)",
     leaf={"subject": EMPTY_NAME, "san_critical": True})
case("printable-names", "names in PrintableString", inters=[{"name_tag": 0x13}])
case("big-serial", "serial number of 20 bytes", leaf={"serial": 2 ** 158 + 1})
case("zero-serial", "serial number 0: forbidden, but it occurs", leaf={"serial": 0})
case("negative-serial", "negative serial number: forbidden, but it occurs", leaf={"serial": -5})
case("validity-2060", "valid until after 2050: GeneralizedTime", leaf={"not_after": datetime.datetime(2060, 1, 1)},
     inters=[{"not_after": datetime.datetime(2060, 1, 1)}])
case("validity-9999", "no well-defined end (RFC 5280, 4.1.2.5)",
     leaf={"not_after": datetime.datetime(9999, 12, 31, 23, 59, 59)})
case("validity-early-generalized", "GeneralizedTime before 2050: forbidden, but it occurs",
     leaf={"not_after": tlv(0x18, b"20400101000000Z")})
case("root-1950", "anchor valid since 1950", root={"not_before": datetime.datetime(1950, 1, 1)})
case("leap-day", "valid from the 29th of February", leaf={"not_before": datetime.datetime(2024, 2, 29)})
case("unknown-extension", "an unknown extension that is not critical", leaf={"extra": [extension("1.3.6.1.4.1.99999.5", NULL)]})
case("policies", "certificate policies, not critical",
     leaf={"extra": [extension("2.5.29.32", seq(seq(oid("2.23.140.1.2.1"))))]},
     inters=[{"extra": [extension("2.5.29.32", seq(seq(oid("2.5.29.32.0"))))]}])
case("lets-encrypt-like", "extensions like those of a public CA", leaf={"extra": [
    extension("1.3.6.1.5.5.7.1.1", seq(seq(oid("1.3.6.1.5.5.7.48.1"), uri("http://o.example")))),
    extension("2.5.29.32", seq(seq(oid("2.23.140.1.2.1")))),
    extension("1.3.6.1.4.1.11129.2.4.2", tlv(4, b"\0" * 120)),
    extension("2.5.29.31", seq(seq(tlv(0xa0, tlv(0xa0, uri("http://c.example"))))))]})
case("no-key-usage", "no key usage at all: every use is allowed", leaf={"ku": None})
case("no-eku", "no extended key usage: every purpose is allowed", leaf={"eku": None})
case("inter-no-key-usage", "issuer without key usage: may sign certificates", inters=[{"ku": None}],
     looser="-x509_strict requires key usage in a CA's certificate")
case("bc-leaf", "leaf with basic constraints, cA FALSE", leaf={"bc": (False, None, True)})
case("bc-leaf-absent", "leaf without basic constraints", leaf={"bc": None})
case("leaf-is-ca", "a CA's certificate used as a leaf", leaf={"bc": (True, None, True), "ku": ("sign", "cert_sign")})
case("leaf-cert-sign", "keyCertSign in a leaf that is not a CA: RFC 5280, 4.2.1.9 forbids it, but it has no effect",
     leaf={"ku": ("sign", "cert_sign")}, looser="-x509_strict refuses it")
case("leaf-cert-sign-bc", "keyCertSign in a leaf with basic constraints, cA FALSE",
     leaf={"ku": ("sign", "cert_sign"), "bc": (False, None, True)}, looser="-x509_strict refuses it")
case("empty-subject-plain",
     "no subject, and a subjectAltName that is not critical, as RFC 5280, 4.1.2.6 requires: it counts anyway",
     leaf={"subject": EMPTY_NAME}, looser="-x509_strict refuses it")
case("bc-not-critical", "an issuer's basic constraints are not critical, as in old CAs",
     inters=[{"bc": (True, None, False)}], looser="-x509_strict requires them to be critical")

# --- Shapes that are difficult for some library ---

TWO_VALUES = seq(tlv(0x31, *(seq(oid("2.5.4.10"), tlv(0x0c, value)) for value in (b"system:masters", b"system:nodes"))),
                 tlv(0x31, seq(oid("2.5.4.3"), tlv(0x0c, b"two values"))))
ECDSA_NULL = seq(oid("1.2.840.10045.4.3.2"), NULL)
case("shape-two-values", "a relative name of the subject with two values, as in Kubernetes", leaf={"subject": TWO_VALUES})
case("shape-two-values-inter", "a relative name with two values in an issuer's name", inters=[{"subject": TWO_VALUES}])
case("shape-two-values-root", "a relative name with two values in an anchor's name", root={"subject": TWO_VALUES})
case("shape-ecdsa-null", "ECDSA with NULL parameters in the leaf, as Mbed TLS writes them", leaf={"algorithm": ECDSA_NULL})
case("shape-ecdsa-null-inter", "ECDSA with NULL parameters in the intermediate", inters=[{"algorithm": ECDSA_NULL}])
case("shape-rsa-no-null", "RSA without NULL parameters (RFC 4055, 5: must be accepted)",
     inters=[{"key": "rsa2048:inter"}], needs="rsa",
     leaf={"algorithm": seq(oid("1.2.840.113549.1.1.11"))})
case("shape-ca-false", "basic constraints that encode the default, cA FALSE",
     leaf={"bc": None, "extra": [extension("2.5.29.19", seq(b"\1\1\0"))]})
case("shape-length-no-ca", "a path length in a certificate that is not a CA",
     looser="a path length limits what a CA issues: this certificate issues nothing",
     leaf={"bc": None, "extra": [extension("2.5.29.19", seq(integer(0)))]})
case("shape-unique-ids", "unique identifiers of issuer and subject (RFC 5280, 4.1.2.8)",
     leaf={"fields": tlv(0x81, b"\0\1\2") + tlv(0x82, b"\0\3\4")})
case("shape-serial-40", "a serial number of 40 bytes: RFC 5280, 4.1.2.2 allows 20", leaf={"serial": 2 ** 319 + 1})
for salt in (0, 20, 222):
    case(f"shape-pss-salt-{salt}", f"RSASSA-PSS with a salt of {salt} bytes", needs="rsa_pss_certificates",
         leaf={"scheme": f"pss-sha256/{salt}"}, inters=[{"key": "rsa2048:inter"}])
for how, inter in {"ecdsa": {}, "rsa": {"key": "rsa2048:inter"}, "pss": {"key": "rsa2048:inter"}}.items():
    case(f"shape-{how}-sha224", f"{how.upper()} with SHA-224", "unsupported", inters=[inter], stricter="openssl supports it",
         leaf={"scheme": "pss-sha224" if how == "pss" else "sha224"})
for where in ("leaf", "inter", "root"):
    place = [{"key": "rsa8192:big"}] if where == "inter" else {"key": "rsa8192:big"}
    case(f"shape-rsa8192-{where}", f"RSA-8192, the {where}'s", "unsupported", stricter="openssl supports it", needs="rsa",
         **{"inters" if where == "inter" else where: place})

for where in ("leaf", "inter", "root"):
    by_numbers: dict[str, Any] = {"info": info_with_numbers(f"p256:{where}0" if where == "inter" else f"p256:{where}")}
    case(f"shape-curve-numbers-{where}", f"P-256 by its numbers instead of its name, the {where}'s (RFC 5480, 2.1.1: MUST NOT)",
         "unsupported", **{"inters" if where == "inter" else where: [by_numbers] if where == "inter" else by_numbers},
         **({"own": "unsupported"} if where == "leaf" else {}))
case("shape-name-type", "a name with a type that names do not have: compared byte by byte it works",
     leaf={"name_tag": 0x2c}, looser="openssl does not read such names")
for kilobytes, count in {17: 700, 100: 4300}.items():
    case(f"shape-large-{kilobytes}k", f"a certificate of {kilobytes} KB", own="invalid_argument",
         leaf=hosts(HOST, *(f"name-{i:05d}.example.org" for i in range(count))),
         **({"message": "message_too_large"} if kilobytes == 100 else {}))

# --- Identity (RFC 9525) ---

IDENTITY: list[tuple[str, list[Any], str, bool, str]] = [
    # name, SANs, reference identity, match, reason
    ("case", ["TEST.Example"], "test.example", True, "case does not matter"),
    ("case-reference", ["test.example"], "TEST.EXAMPLE", True, "case does not matter, the other way round"),
    ("trailing-dot", ["test.example"], "test.example.", True, "the reference's trailing dot is ignored"),
    ("trailing-dot-presented", ["test.example."], "test.example", False,
     "a presented name has no trailing dot (RFC 5280, 4.2.1.6)"),
    ("single-label", ["localhost"], "localhost", True, "a single label is a valid name"),
    ("second-name", ["a.example", "test.example"], "test.example", True, "any of the names may match"),
    ("underscore", ["_a.example"], "_a.example", True, "underscores occur in names"),
    ("digits", ["1.2.3.example"], "1.2.3.example", True, "labels of digits, except for the last one"),
    ("a-label", ["xn--bcher-kva.example"], "xn--bcher-kva.example", True, "A-labels are compared byte by byte"),
    ("a-label-case", ["XN--BCHER-KVA.example"], "xn--bcher-kva.example", True, "A-labels: case does not matter"),
    ("u-label", [dns("b\u00fccher.example".encode())], "xn--bcher-kva.example", False, "U-labels are not allowed in dNSName"),
    ("other", ["other.example"], "test.example", False, "another name"),
    ("subdomain", ["a.test.example"], "test.example", False, "a name below"),
    ("parent", ["test.example"], "a.test.example", False, "a name above"),
    ("prefix", ["test.exampl"], "test.example", False, "a shorter name"),
    ("suffix", ["test.examples"], "test.example", False, "a longer name"),
    ("leading-dot", [".test.example"], "a.test.example", False, "a leading dot is not a wildcard"),
    ("empty-name", [""], "test.example", False, "an empty dNSName"),
    ("dot", ["."], "test.example", False, "the root"),
    ("nul-end", [dns(b"test.example\0")], "test.example", False, "an embedded NUL does not end a name"),
    ("nul-middle", [dns(b"test.example\0.evil.example")], "test.example", False, "an embedded NUL does not cut a name"),
    ("space", [" test.example"], "test.example", False, "white space counts"),
    ("wildcard", ["*.wild.example"], "a.wild.example", True, "a wildcard is the whole left-most label"),
    ("wildcard-case", ["*.WILD.example"], "A.wild.Example", True, "a wildcard: case does not matter"),
    ("wildcard-dot", ["*.wild.example"], "a.wild.example.", True, "a wildcard and a trailing dot"),
    ("wildcard-a-label", ["*.wild.example"], "xn--bcher-kva.wild.example", True, "a wildcard may stand for an A-label"),
    ("wildcard-a-parent", ["*.xn--bcher-kva.example"], "a.xn--bcher-kva.example", True, "a wildcard below an A-label"),
    ("wildcard-deep", ["*.a.b.example"], "x.a.b.example", True, "three labels follow the wildcard"),
    ("wildcard-parent", ["*.wild.example"], "wild.example", False, "a wildcard stands for one label, not for zero"),
    ("wildcard-two", ["*.wild.example"], "a.b.wild.example", False, "a wildcard stands for one label, not for two"),
    ("wildcard-prefix", ["a*.wild.example"], "ab.wild.example", False, "a wildcard is not part of a label (RFC 9525, 6.3)"),
    ("wildcard-suffix", ["*a.wild.example"], "ba.wild.example", False, "a wildcard is not part of a label"),
    ("wildcard-infix", ["a*b.wild.example"], "axb.wild.example", False, "a wildcard is not part of a label"),
    ("wildcard-double", ["**.wild.example"], "ab.wild.example", False, "two stars"),
    ("wildcard-second", ["a.*.example"], "a.b.example", False, "a wildcard must be the left-most label"),
    ("wildcard-twice", ["*.*.example"], "a.b.example", False, "two wildcards"),
    ("wildcard-alone", ["*"], "localhost", False, "everything"),
    ("wildcard-tld", ["*.example"], "test.example", False, "only one label follows the wildcard, as in *.com"),
    ("wildcard-tld-dot", ["*.example."], "test.example", False, "only one label and a dot follow the wildcard"),
    ("wildcard-empty", ["*..example"], "a.example", False, "an empty label"),
    ("wildcard-literal", ["*.wild.example"], "b.a.wild.example", False, "deeper"),
    ("uri-only", [uri("https://test.example/")], "test.example", False, "a URI does not name a host here"),
    ("email-only", [email("root@test.example")], "test.example", False, "an e-mail address does not name a host"),
    ("email-host", [email("test.example")], "test.example", False, "an e-mail address that looks like a host name"),
    ("uri-and-dns", [uri("https://x.example/"), email("a@b.example"), dns("test.example")], "test.example", True,
     "other kinds of names are ignored"),
    ("dns-ip-text", ["127.0.0.1"], "ip:127.0.0.1", False, "an address in text form in a dNSName"),
    ("ipv4", [ip("127.0.0.1")], "ip:127.0.0.1", True, "IPv4"),
    ("ipv4-other", [ip("127.0.0.2")], "ip:127.0.0.1", False, "another address"),
    ("ipv4-and-dns", [dns("test.example"), ip("10.1.2.3")], "ip:10.1.2.3", True, "an address and a name"),
    ("ipv4-for-name", [ip("127.0.0.1")], "localhost", False, "an address does not match a name"),
    ("name-for-ipv4", ["localhost"], "ip:127.0.0.1", False, "a name does not match an address"),
    ("ipv4-wildcard", ["*.0.0.1"], "ip:127.0.0.1", False, "addresses have no wildcards"),
    ("ipv4-mapped", [ip("::ffff:127.0.0.1")], "ip:127.0.0.1", False, "an IPv4-mapped IPv6 address is another address"),
    ("ipv4-as-mapped", [ip("127.0.0.1")], "ip:::ffff:127.0.0.1", False, "an IPv4 address is not the IPv4-mapped one"),
    ("ipv4-mask", [ip(b"\x7f\0\0\0\xff\0\0\0")], "ip:127.0.0.1", False, "a network is not an address"),
    ("ipv4-short", [ip(b"\x7f\0\0")], "ip:127.0.0.1", False, "three bytes are not an address"),
    ("ipv4-text", [ip(b"127.0.0.1")], "ip:127.0.0.1", False, "text is not an address"),
    ("ipv6", [ip("2001:db8::1")], "ip:2001:db8::1", True, "IPv6"),
    ("ipv6-long", [ip("2001:db8::1")], "ip:2001:0DB8:0:0:0:0:0:1", True, "IPv6 written in full"),
    ("ipv6-gap-end", [ip("2001:db8::")], "ip:2001:db8::", True, "IPv6 with the gap at the end"),
    ("ipv6-embedded", [ip("64:ff9b::c000:221")], "ip:64:ff9b::192.0.2.33", True, "IPv6 whose end is written as IPv4"),
    ("ipv6-other", [ip("2001:db8::2")], "ip:2001:db8::1", False, "another IPv6 address"),
    ("ipv6-loopback", [ip("::1")], "ip:::1", True, "the IPv6 loopback address"),
]
for name_, sans, asked, match, reason in IDENTITY:
    case("id-" + name_, reason, "ok" if match else "wrong_host", roles="server", leaf=hosts(*sans),
         **({"ip": asked[3:]} if asked.startswith("ip:") else {"host": asked}),
         **({"stricter": "openssl verify accepts part of a label; RFC 9525, 6.3 does not"}
            if name_ in ("wildcard-prefix", "wildcard-suffix") else {}))
case("id-cn-only", "the common name never counts, even without subjectAltName", "wrong_host", roles="server",
     leaf={"san": None, "subject": name("test.example")}, stricter="openssl falls back to the common name")
case("id-cn-beside-san", "the common name does not count, with a subjectAltName", "wrong_host", roles="server",
     leaf={"subject": name("test.example"), **hosts("other.example")})
case("id-cn-ip", "an address in the common name", "wrong_host", roles="server", ip="127.0.0.1",
     leaf={"san": None, "subject": name("127.0.0.1")})
case("id-no-san", "a certificate without subjectAltName is valid for no host", "wrong_host", roles="server", leaf={"san": None})
case("id-empty-san", "a subjectAltName without names", "wrong_host", roles="server", leaf={"san": []})
case("id-critical-san", "a critical subjectAltName", roles="server", leaf={"san_critical": True})
case("id-off", "check_identity off: any name is accepted", roles="server", off=["check_identity"], host="other.example")
case("id-off-no-san", "check_identity off: no name is needed", roles="server", off=["check_identity"], leaf={"san": None})
case("id-off-only", "check_identity off: other rules still apply", "expired", roles="server", off=["check_identity"],
     leaf={"not_after": NOW - DAY})
case("id-client-any", "a server does not check clients' names", roles="client", leaf={"san": None})

# --- Time ---

LATE = {"not_before": NOW + DAY, "not_after": NOW + 400 * DAY}
PAST = {"not_before": NOW - 400 * DAY, "not_after": NOW - DAY}
case("time-expired", "leaf expired", "expired", leaf=PAST)
case("time-future", "leaf not yet valid", "not_yet_valid", leaf=LATE)
case("time-inter-expired", "intermediate expired", "expired", inters=[PAST])
case("time-inter-future", "intermediate not yet valid", "not_yet_valid", inters=[LATE])
case("time-root-expired", "anchor expired: its validity counts, too", "expired", root=PAST)
case("time-root-future", "anchor not yet valid", "not_yet_valid", root=LATE)
case("time-root-expired-sent", "expired anchor, sent", "expired", root=PAST, send=[0, 1, -1])
case("time-first-second", "not_before is now", leaf={"not_before": NOW})
case("time-last-second", "not_after is now", leaf={"not_after": NOW},
     looser="openssl excludes the last second; RFC 5280, 4.1.2.5 includes it")
case("time-second-early", "not_before is the next second", "not_yet_valid", leaf={"not_before": NOW + SECOND})
case("time-second-late", "not_after was the last second", "expired", leaf={"not_after": NOW - SECOND})
case("time-inverted", "ends before it begins", "expired", leaf={"not_before": NOW - DAY, "not_after": NOW - 2 * DAY})
case("time-leaf-first", "leaf expired, intermediate not yet valid: the verdict is the leaf's", "expired", leaf=PAST, inters=[LATE])
case("time-off-expired", "check_time off: expired is accepted", off=["check_time"], leaf=PAST)
case("time-off-future", "check_time off: not yet valid is accepted", off=["check_time"], leaf=LATE)
case("time-off-inter", "check_time off: an expired intermediate is accepted", off=["check_time"], inters=[PAST])
case("time-off-root", "check_time off: an expired anchor is accepted", off=["check_time"], root=PAST)
case("time-off-only", "check_time off: the name still counts", "wrong_host", roles="server", off=["check_time"],
     leaf=PAST, host="other.example")
case("time-off-untrusted", "check_time off: the issuer must still be trusted", "untrusted", off=["check_time"], leaf=PAST,
     anchors="other", path=False)
case("time-two-anchors", "two anchors with one name and key, the first one expired", anchors="root-expired+root")
case("time-two-anchors-2", "two anchors with one name and key, the second one expired", anchors="root+root-expired")

# --- Purpose ---

BOTH = "server", "client"
case("eku-server", "serverAuth only", leaf={"eku": ("server",)}, client="wrong_purpose")
case("eku-client", "clientAuth only", "wrong_purpose", leaf={"eku": ("client",)}, client="ok")
case("eku-any", "anyExtendedKeyUsage", leaf={"eku": ("any",)},
     looser="openssl does not accept anyExtendedKeyUsage for serverAuth; RFC 5280, 4.2.1.12 leaves the choice")
case("eku-code", "codeSigning only", "wrong_purpose", leaf={"eku": ("code",)})
case("eku-private", "a private purpose only", "wrong_purpose", leaf={"eku": ("private",)})
case("eku-many", "serverAuth and clientAuth among others", leaf={"eku": ("code", "ocsp", "server", "client", "private")})
case("eku-critical", "critical extended key usage", leaf={"eku_critical": True})
case("eku-critical-wrong", "critical extended key usage, a wrong purpose", "wrong_purpose",
     leaf={"eku": ("code",), "eku_critical": True})
case("eku-empty", "extended key usage without a purpose", "wrong_purpose", leaf={"eku": ()})
case("eku-inter-both", "the intermediate may issue for both", inters=[{"eku": BOTH}])
case("eku-inter-server", "the intermediate may issue for servers", inters=[{"eku": ("server",)}], client="wrong_purpose")
case("eku-inter-client", "the intermediate may issue for clients", "wrong_purpose", inters=[{"eku": ("client",)}], client="ok")
case("eku-inter-code", "the intermediate may issue for neither", "wrong_purpose", inters=[{"eku": ("code",)}])
case("eku-inter-any", "the intermediate may issue for any", inters=[{"eku": ("any",)}],
     looser="openssl does not accept anyExtendedKeyUsage for serverAuth")
case("eku-inter-critical", "the intermediate may issue for both, critical", inters=[{"eku": BOTH, "eku_critical": True}])
case("eku-root-code", "the anchor may issue for neither", "wrong_purpose", root={"eku": ("code",)})
case("ku-sign", "digitalSignature only", leaf={"ku": ("sign",)})
case("ku-encipher", "keyEncipherment only: no supported suite uses it", "wrong_purpose",
     leaf={"key": "rsa2048:leaf", "ku": ("encipher",)}, needs="rsa",
     stricter="openssl verify does not know the suite; openssl's handshake with ECDHE refuses it as well")
case("ku-sign-encipher", "digitalSignature and keyEncipherment, as in RSA leaves",
     leaf={"key": "rsa2048:leaf", "ku": ("sign", "encipher")}, needs="rsa")
case("ku-agree", "keyAgreement only", "wrong_purpose", leaf={"ku": ("agree",)},
     stricter="openssl accepts it for static ECDH, which no suite of this project uses")
case("ku-cert-sign", "keyCertSign only", "wrong_purpose", leaf={"ku": ("cert_sign",), "bc": (True, None, True)})
case("ku-non-repudiation", "nonRepudiation only", "wrong_purpose", leaf={"ku": ("non_repudiation",)})
case("ku-decipher-only", "keyAgreement and decipherOnly: nine bits", "wrong_purpose", leaf={"ku": ("agree", "decipher_only")},
     stricter="openssl accepts keyAgreement for static ECDH")
case("ku-nine-bits", "digitalSignature and decipherOnly: nine bits", leaf={"ku": ("sign", "agree", "decipher_only")})
case("ku-not-critical", "key usage that is not critical", leaf={"ku_critical": False})
case("purpose-off-eku", "check_purpose off: any purpose is accepted", leaf={"eku": ("code",)}, off=["check_purpose"])
case("purpose-off-ku", "check_purpose off: any key usage is accepted", leaf={"ku": ("agree",)}, off=["check_purpose"])
case("purpose-off-inter", "check_purpose off: any purpose of an issuer is accepted",
     inters=[{"eku": ("code",)}], off=["check_purpose"])
case("purpose-off-only", "check_purpose off: time still counts", "expired", leaf={"eku": ("code",), **PAST},
     off=["check_purpose"])

# --- Strength ---

case("key-rsa1024", "RSA-1024 leaf", "weak_key", leaf={"key": "rsa1024:leaf"}, needs="rsa",
     stricter="openssl verify's default level accepts RSA-1024")
case("key-rsa2040", "RSA of 2,040 bits, just below the limit", "weak_key", leaf={"key": "rsa2040:leaf"}, needs="rsa",
     stricter="openssl verify's default level accepts RSA-2040")
case("key-inter-rsa1024", "RSA-1024 intermediate", "weak_key", inters=[{"key": "rsa1024:inter"}], needs="rsa",
     stricter="openssl verify's default level accepts RSA-1024")
case("key-root-rsa1024", "RSA-1024 anchor: its key counts", "weak_key", root={"key": "rsa1024:root"}, needs="rsa",
     stricter="openssl verify's default level accepts RSA-1024")
case("key-root-rsa1024-sent", "RSA-1024 anchor, sent", "weak_key", root={"key": "rsa1024:root"}, send=[0, 1, -1], needs="rsa",
     stricter="openssl verify's default level accepts RSA-1024")
case("key-p224", "P-224 leaf", "weak_key", leaf={"key": "p224:leaf"}, stricter="openssl accepts P-224")
case("key-p192", "P-192 leaf", "weak_key", leaf={"key": "p192:leaf"}, stricter="openssl accepts P-192")
case("key-inter-p224", "P-224 intermediate", "weak_key", inters=[{"key": "p224:inter"}], stricter="openssl accepts P-224")
case("key-off-rsa1024", "check_key_strength off: an RSA-1024 leaf is accepted", leaf={"key": "rsa1024:leaf"}, needs="rsa",
     off=["check_key_strength"])
case("key-off-inter", "check_key_strength off: an RSA-1024 intermediate is accepted",
     inters=[{"key": "rsa1024:inter"}], needs="rsa",
     off=["check_key_strength"])
case("key-off-p224", "check_key_strength off: still no backend supports P-224", "unsupported",
     leaf={"key": "p224:leaf"}, off=["check_key_strength"], stricter="openssl accepts P-224")
case("key-off-only", "check_key_strength off: a signature must still be strong", "weak_signature",
     leaf={"key": "rsa1024:leaf", "scheme": "sha1"}, off=["check_key_strength"], needs="rsa",
     stricter="openssl verify's default level accepts SHA-1 and RSA-1024")
case("key-p521", "P-521: strong, but unsupported in some builds", "unsupported", leaf={"key": "p521:leaf"},
     stricter="openssl accepts P-521")
case("key-inter-p521", "P-521 intermediate", "unsupported", inters=[{"key": "p521:inter"}], stricter="openssl accepts P-521")
case("key-root-p521", "P-521 anchor", "unsupported", root={"key": "p521:root"}, stricter="openssl accepts P-521")
case("key-k256", "secp256k1: not a curve for TLS", "unsupported", leaf={"key": "k256:leaf"}, stricter="openssl accepts it")
case("key-brainpool", "brainpoolP256r1", "unsupported", leaf={"key": "b256:leaf"}, stricter="openssl accepts it")
case("key-ed25519", "Ed25519 leaf", "unsupported", leaf={"key": "ed25519:leaf"}, stricter="openssl accepts Ed25519")
case("key-inter-ed25519", "Ed25519 intermediate", "unsupported", inters=[{"key": "ed25519:inter"}],
     stricter="openssl accepts Ed25519")
for digest in ("md5", "sha1"):
    case(f"sig-{digest}", f"leaf signed with {digest.upper()}", "weak_signature", leaf={"scheme": digest},
         inters=[{"key": "rsa2048:inter"}], needs="rsa", stricter="openssl verify's default level accepts it")
    case(f"sig-inter-{digest}", f"intermediate signed with {digest.upper()}", "weak_signature", inters=[{"scheme": digest}],
         root={"key": "rsa2048:root"}, needs="rsa", stricter="openssl verify's default level accepts it")
    case(f"sig-root-{digest}", f"anchor signed with {digest.upper()}: its own signature does not count",
         root={"key": "rsa2048:root", "scheme": digest}, needs="rsa")
    case(f"sig-root-{digest}-sent", f"anchor signed with {digest.upper()}, sent", root={"key": "rsa2048:root", "scheme": digest},
         send=[0, 1, -1], needs="rsa")
case("sig-ecdsa-sha1", "ECDSA with SHA-1", "weak_signature", leaf={"scheme": "sha1"},
     stricter="openssl verify's default level accepts SHA-1")
case("sig-ecdsa-sha1-inter", "intermediate signed with ECDSA and SHA-1", "weak_signature", inters=[{"scheme": "sha1"}],
     stricter="openssl verify's default level accepts SHA-1")
case("sig-pss-sha1", "RSASSA-PSS with its default hash, SHA-1", "weak_signature", leaf={"scheme": "pss-sha1"},
     inters=[{"key": "rsa2048:inter"}], needs="rsa", stricter="openssl verify's default level accepts SHA-1")
case("sig-off-only", "check_signature_strength off: a key must still be strong", "weak_key", needs="sha1_signatures",
     leaf={"key": "rsa1024:leaf", "scheme": "sha1"}, off=["check_signature_strength"],
     stricter="openssl verify's default level accepts RSA-1024")
case("sig-off-md5", "check_signature_strength off: no library can check MD5", "untrusted", leaf={"scheme": "md5"}, path=False,
     inters=[{"key": "rsa2048:inter"}], needs="sha1_signatures", off=["check_signature_strength"],
     stricter="openssl verify's default level accepts MD5")
case("sig-off-sha1", "check_signature_strength off: SHA-1 is accepted", leaf={"scheme": "sha1"},
     inters=[{"key": "rsa2048:inter"}], needs="sha1_signatures", off=["check_signature_strength"])
case("sig-off-ecdsa-sha1", "check_signature_strength off: ECDSA with SHA-1 is accepted", leaf={"scheme": "sha1"},
     needs="sha1_signatures", off=["check_signature_strength"])

# --- Constraints ---

case("bc-inter-not-ca", "an issuer that is not a CA", "untrusted", inters=[{"bc": (False, None, True)}])
case("bc-inter-absent", "an issuer without basic constraints", "untrusted", inters=[{"bc": None}])
case("bc-inter-leaf", "a leaf that issued another certificate", "untrusted",
     inters=[{"bc": None, "ku": ("sign",), "eku": BOTH, "san": [dns("other.example")]}, {}])
case("bc-root-not-ca", "an anchor that is not a CA", "untrusted", root={"bc": (False, None, True)})
case("bc-root-absent", "an anchor of version 3 without basic constraints", "untrusted", root={"bc": None})
case("bc-root-v1", "an anchor of version 1, which cannot be marked as a CA", "untrusted",
     root={"version": 0, "extensions": False})
case("bc-inter-v1", "an intermediate of version 1", "untrusted", inters=[{"version": 0, "extensions": False}])
case("ku-inter-no-sign", "an issuer without keyCertSign", "untrusted", inters=[{"ku": ("sign", "crl_sign")}])
case("ku-root-no-sign", "an anchor without keyCertSign", "untrusted", root={"ku": ("sign", "crl_sign")})
case("len-inter-0", "path length 0, and only the leaf below", inters=[{"bc": (True, 0, True)}])
case("len-0-broken", "path length 0, and an intermediate below", "untrusted", inters=[{}, {"bc": (True, 0, True)}])
case("len-1", "path length 1, and one intermediate below", inters=[{}, {"bc": (True, 1, True)}])
case("len-1-broken", "path length 1, and two intermediates below", "untrusted", inters=[{}, {}, {"bc": (True, 1, True)}])
case("len-root-1", "anchor's path length 1, one intermediate", root={"bc": (True, 1, True)})
case("len-root-0", "anchor's path length 0, one intermediate: the anchor's limit counts", "untrusted",
     root={"bc": (True, 0, True)})
case("len-root-0-sent", "anchor's path length 0, one intermediate, the anchor is sent",
     "untrusted", root={"bc": (True, 0, True)}, send=[0, 1, -1])
case("len-root-0-direct", "anchor's path length 0, no intermediate", root={"bc": (True, 0, True)}, inters=[])
case("len-big", "a path length of 70,000", inters=[{"bc": (True, 70000, True)}])
case("len-self-issued", "self-issued certificates do not count (RFC 5280, 4.2.1.9)", inters=[
    {"subject": "rollover", "issuer": "rollover"}, {"subject": "rollover", "bc": (True, 0, True)}])

# --- Name constraints (RFC 5280, 4.2.1.10) ---


def constrained(name_, reason, verdict="ok", permitted=(), excluded=(), critical=True, at="inter", **rest):
    """A case with these constraints in the first intermediate, or in the anchor."""
    issuer = {"extra": [name_constraints(permitted, excluded, critical)]}
    place: dict[str, Any] = {"root": issuer} if at == "root" else {"inters": [issuer]}
    case(name_, reason, verdict, needs="name_constraints", **place, **rest)


def subject_of(common_name):
    return tlv(0xa4, name(common_name))


IPV6 = bytes.fromhex("20010db8000000000000000000000001")
ORGANISATION = tlv(0xa4, seq(tlv(0x31, seq(oid("2.5.4.10"), tlv(0x0c, b"ussl verdicts")))))

constrained("nc-inter", "the name is in a permitted subtree", permitted=[dns("example")])
constrained("nc-inter-violated", "the name is not in a permitted subtree", "untrusted", [dns("other.example")])
constrained("nc-inter-plain", "constraints that are not critical, kept", permitted=[dns("example")], critical=False)
constrained("nc-inter-plain-violated", "constraints that are not critical, violated",
            "untrusted", [dns("other.example")], critical=False)
constrained("nc-root", "constraints in the anchor, not critical", permitted=[dns("example")], critical=False, at="root")
constrained("nc-root-critical", "constraints in the anchor", permitted=[dns("example")], at="root")
constrained("nc-root-violated", "an anchor's constraints bind the leaf two levels below",
            "untrusted", [dns("elsewhere")], at="root")
constrained("nc-same", "a subtree equal to the name", permitted=[dns(HOST)])
constrained("nc-case", "case does not matter", permitted=[dns("EXAMPLE")])
constrained("nc-suffix", "a subtree ends at a dot, not within a label", "untrusted", [dns("ample")])
constrained("nc-longer", "a subtree below the name", "untrusted", [dns("www." + HOST)])
constrained("nc-dot", "a leading dot requires one more label", permitted=[dns(".example")])
constrained("nc-dot-same", "a leading dot before the name itself", "untrusted", [dns("." + HOST)])
constrained("nc-all", "the empty subtree contains every name", permitted=[dns("")])
constrained("nc-several", "one of several permitted subtrees is enough", permitted=[dns("other.example"), dns("example")])
constrained("nc-other-form", "constraints on a kind of name that the certificate lacks", permitted=[ip(b"\x0a\0\0\0\xff\0\0\0")])
constrained("nc-second-name", "every name is constrained, not only the one that matches", "untrusted", [dns("example")],
            leaf=hosts(HOST, "test.elsewhere"))
constrained("nc-excluded", "the name is in an excluded subtree", "untrusted", excluded=[dns("example")])
constrained("nc-excluded-other", "the name is not in an excluded subtree", excluded=[dns("other.example")])
constrained("nc-excluded-wins", "an excluded subtree within a permitted one", "untrusted", [dns("example")], [dns(HOST)])
constrained("nc-excluded-wildcard", "a wildcard could match the excluded name", "untrusted",
            excluded=[dns("secret.test.example")], leaf=hosts(HOST, "*.test.example"),
            stricter="openssl compares the star as a character")
constrained("nc-wildcard", "a wildcard within the permitted subtree", permitted=[dns("example")],
            leaf=hosts("*.test.example"), host="www.test.example")
constrained("nc-wildcard-above", "a wildcard above the permitted subtree", "untrusted", [dns("www.test.example")],
            leaf=hosts("*.test.example"), host="www.test.example")
constrained("nc-inter-ip", "an address in the permitted network", permitted=[ip(b"\x0a\0\0\0\xff\0\0\0")], ip="10.0.0.1",
            leaf={"san": [ip("10.0.0.1")]})
constrained("nc-ip-outside", "an address outside of the permitted network",
            "untrusted", [ip(b"\x0b\0\0\0\xff\0\0\0")], ip="10.0.0.1",
            leaf={"san": [ip("10.0.0.1")]})
constrained("nc-ip-excluded", "an address in an excluded network", "untrusted", (), [ip(b"\x0a\0\0\0\xff\0\0\0")],
            ip="10.0.0.1", leaf={"san": [ip("10.0.0.1")]})
constrained("nc-ip-version", "an IPv6 network for an IPv4 address", "untrusted", [ip(IPV6 + b"\xff" * 16)], ip="10.0.0.1",
            leaf={"san": [ip("10.0.0.1")]})
constrained("nc-ip-v6", "an IPv6 address in the permitted network", permitted=[ip(IPV6[:8] + b"\0" * 8 + b"\xff" * 8 + b"\0" * 8)],
            ip="2001:db8::1", leaf={"san": [ip("2001:db8::1")]})
constrained("nc-ip-size", "a network of five bytes", "untrusted", [ip(b"\x0a\0\0\0\xff")], ip="10.0.0.1",
            leaf={"san": [ip("10.0.0.1")]})
constrained("nc-subject", "the first part of the subject is a permitted subtree", permitted=[ORGANISATION])
constrained("nc-subject-other", "another subject is permitted", "untrusted", [subject_of("somebody else")])
constrained("nc-subject-excluded", "an excluded subject refuses every subject: another spelling would pass", "untrusted", (),
            [subject_of("somebody else")], stricter="openssl compares names; different spellings of one name would pass")
constrained("nc-email", "e-mail addresses are constrained, the certificate has none", permitted=[email("example")])
constrained("nc-email-san", "e-mail addresses are constrained, the certificate has one", "untrusted", [email("test.example")],
            leaf={"san": [dns(HOST), email("me@test.example")]}, stricter="openssl compares e-mail addresses")
constrained("nc-uri-san", "URIs are constrained, the certificate has one", "untrusted", (), [uri(".elsewhere")],
            leaf={"san": [dns(HOST), uri("https://test.example/")]}, stricter="openssl compares URIs")
constrained("nc-minimum", "a minimum: RFC 5280 allows only its default", "untrusted",
            [dns("example") + tlv(0x80, b"\1")])
case("nc-twice", "constraints of two issuers: both count", "untrusted", needs="name_constraints",
     inters=[{"extra": [name_constraints([dns("example")])]}, {"extra": [name_constraints([dns("elsewhere")])]}])
for critical in (True, False):
    how = "" if critical else "-plain"
    case(f"nc-leaf{how}", "constraints in a certificate that is not a CA (RFC 5280, 4.2.1.10)", BAD,
         leaf={"extra": [name_constraints([dns("elsewhere")], critical=critical)]}, stricter="openssl does not check that")
    case(f"nc-empty{how}", "constraints without subtrees (RFC 5280, 4.2.1.10)", BAD,
         inters=[{"extra": [name_constraints(critical=critical)]}], stricter="openssl does not check that")
case("nc-leaf-ca", "constraints in a CA's certificate that is used as a leaf", needs="name_constraints",
     leaf={"extra": [name_constraints([dns("elsewhere")])], "bc": (True, None, True), "ku": ("sign", "cert_sign")})
case("nc-no-list", "an empty list of permitted subtrees", "untrusted", needs="name_constraints",
     inters=[{"extra": [extension("2.5.29.30", seq(tlv(0xa0)), True)]}], stricter="openssl does not check that")
for what, odd in {"middle": "test..example", "front": ".test.example", "end": "test.example.", "none": ""}.items():
    constrained(f"nc-label-{what}", "an empty label in a name; DNS names are excluded", "untrusted",
                excluded=[dns("elsewhere")], leaf=hosts(HOST, odd), stricter="openssl compares malformed names as well")
    constrained(f"nc-label-{what}-permitted", "an empty label in a name; all DNS names are permitted", "untrusted",
                permitted=[dns("")], leaf=hosts(HOST, odd), stricter="openssl compares malformed names as well")
    constrained(f"nc-label-{what}-other", "an empty label in a name; DNS names are not constrained",
                permitted=[email("example")], leaf=hosts(HOST, odd))
for what, odd in {"middle": "test..elsewhere", "front": "..elsewhere", "end": "elsewhere.", "none": "."}.items():
    constrained(f"nc-base-{what}", "an empty label in an excluded subtree: it may mean any name", "untrusted",
                excluded=[dns(odd)], stricter="openssl compares malformed names as well")
    constrained(f"nc-base-{what}-permitted", "an empty label in a permitted subtree: it permits nothing, another subtree does",
                permitted=[dns(odd), dns("example")])
case("constraints-off-ca", "check_constraints off: an issuer that is not a CA is accepted", inters=[{"bc": (False, None, True)}],
     off=["check_constraints"], looser="openssl has no such switch", needs="lenient_paths")
case("constraints-off-ku", "check_constraints off: an issuer without keyCertSign is accepted", inters=[{"ku": ("sign",)}],
     off=["check_constraints"], looser="openssl has no such switch", needs="lenient_paths")
case("constraints-off-length", "check_constraints off: the path length does not count", inters=[{}, {"bc": (True, 0, True)}],
     off=["check_constraints"], looser="openssl has no such switch", needs="lenient_paths")
case("constraints-off-nc", "check_constraints off: name constraints that are not critical do not count", off=["check_constraints"],
     inters=[{"extra": [name_constraints([dns("example")], critical=False)]}], needs="lenient_paths")
case("constraints-off-only", "check_constraints off: the issuer must still be trusted", "untrusted", anchors="other", path=False,
     off=["check_constraints"], needs="lenient_paths")

# --- Critical extensions ---

UNKNOWN = extension("1.3.6.1.4.1.99999.5", NULL, critical=True)
case("crit-leaf", "unknown critical extension in the leaf", "bad_peer_certificate", leaf={"extra": [UNKNOWN]})
case("crit-inter", "unknown critical extension in the intermediate", "bad_peer_certificate", inters=[{"extra": [UNKNOWN]}])
case("crit-root", "unknown critical extension in the anchor", "bad_peer_certificate", own="ok", root={"extra": [UNKNOWN]})
case("crit-policies", "critical certificate policies: not all libraries process them", "bad_peer_certificate",
     inters=[{"extra": [extension("2.5.29.32", seq(seq(oid("1.3.6.1.4.1.99999.7"))), True)]}],
     stricter="openssl processes policies")
case("crit-any-policy", "critical certificate policies, anyPolicy", "bad_peer_certificate",
     inters=[{"extra": [extension("2.5.29.32", seq(seq(oid("2.5.29.32.0"))), True)]}],
     stricter="openssl processes policies")
case("crit-policy-constraints", "critical policy constraints", "bad_peer_certificate",
     inters=[{"extra": [extension("2.5.29.36", seq(tlv(0x80, b"\0")), True)]}], stricter="openssl processes policies")
case("crit-inhibit-any", "critical inhibitAnyPolicy", "bad_peer_certificate",
     inters=[{"extra": [extension("2.5.29.54", integer(0), True)]}], stricter="openssl processes policies")
case("crit-policy-mappings", "critical policy mappings", "bad_peer_certificate",
     inters=[{"extra": [extension("2.5.29.33", seq(seq(oid("1.3.6.1.4.1.99999.7"), oid("1.3.6.1.4.1.99999.8"))), True)]}],
     stricter="openssl processes policies")
case("crit-must-staple", "TLS feature (must-staple), critical", "bad_peer_certificate",
     leaf={"extra": [extension("1.3.6.1.5.5.7.1.24", seq(integer(5)), True)]})
case("must-staple", "TLS feature (must-staple), not critical", leaf={"extra": [extension("1.3.6.1.5.5.7.1.24", seq(integer(5)))]})
case("crit-off", "check_critical_extensions off: an unknown one is accepted",
     leaf={"extra": [UNKNOWN]}, needs="lenient_paths", own=BAD_OWN,
     off=["check_critical_extensions"], looser="openssl has no such switch for verify")
case("crit-off-only", "check_critical_extensions off: time still counts", "expired", needs="lenient_paths", own=BAD_OWN,
     leaf={"extra": [UNKNOWN], **PAST}, off=["check_critical_extensions"])
for what, extra in {
        "unknown": [extension("1.3.6.1.4.1.99999.5", NULL)] * 2,
        "san": [subject_alt_name(dns("test.example"))],
        "ku": [key_usage("sign")], "eku": [extended_key_usage("server")], "bc": [basic_constraints(False)],
        "skid": [extension("2.5.29.14", tlv(4, b"12345678"))]}.items():
    case(f"twice-{what}", f"an extension twice: {what}", "bad_peer_certificate", leaf={"extra": extra, "bc": (False, None, True)},
         **({"stricter": "openssl notices only repeated extensions that it reads"} if what in ("unknown",) else {}))
case("twice-inter-bc", "basic constraints twice in the intermediate", "bad_peer_certificate",
     inters=[{"extra": [basic_constraints(True)]}])
case("many-extensions", "60 extensions", leaf={"extra": [extension(f"1.3.6.1.4.1.99999.1.{i}", NULL) for i in range(50)]})
case("too-many-extensions", "100 extensions: more than any real certificate has", "bad_peer_certificate",
     leaf={"extra": [extension(f"1.3.6.1.4.1.99999.1.{i}", NULL) for i in range(100)]}, stricter="openssl has no limit")

# --- Malformed ---


def cut(der):
    return der[:-1]


def patch(old, new):
    def change(der):
        if old not in der:
            raise SystemExit(f"nothing to patch: {old!r}")
        return der.replace(old, new, 1)
    return change


case("mal-truncated", "the last byte is missing", BAD, leaf={"damage": cut})
case("mal-trailing", "one byte too many", BAD, leaf={"damage": lambda der: der + b"\0"},
     stricter="openssl's command ignores bytes after the first certificate")
case("mal-garbage", "the leaf is not a certificate", BAD, leaf={"damage": lambda der: b"garbage garbage"})
case("mal-inter-garbage", "the intermediate is not a certificate",
     BAD, inters=[{"damage": lambda der: b"\x30\x03\2\1\0"}], path=False)
case("mal-indefinite", "indefinite length", BAD, leaf={"damage": lambda der: b"\x30\x80" + der[4:] + b"\0\0"},
     stricter="openssl reads BER")
case("mal-long-length", "length with a leading zero", BAD, leaf={"damage": lambda der: b"\x30\x83\0" + der[2:]},
     stricter="openssl reads BER")
case("mal-algorithms-differ", "the signed and the unsigned algorithm differ", BAD,
     leaf={"inner_algorithm": seq(oid("1.2.840.10045.4.3.3"))})
case("mal-version-4", "version 4", BAD, leaf={"version": 3}, stricter="openssl does not check the version")
case("mal-v1-extensions", "version 1 with extensions", BAD, leaf={"version": 0})
case("mal-month-13", "month 13", BAD, leaf={"not_after": tlv(0x17, b"301301000000Z")})
case("mal-day-32", "the 32nd of December", BAD, leaf={"not_after": tlv(0x17, b"301232000000Z")})
case("mal-feb-29", "the 29th of February in 2027", BAD, leaf={"not_before": tlv(0x17, b"270229000000Z")})
case("mal-no-seconds", "UTCTime without seconds", BAD, leaf={"not_after": tlv(0x17, b"3012310000Z")})
case("mal-offset", "UTCTime with an offset", BAD, leaf={"not_after": tlv(0x17, b"301231000000+0000")})
case("mal-time-letters", "letters in a time", BAD, leaf={"not_after": tlv(0x17, b"30123100000aZ")})
case("mal-time-type", "a time of another type", BAD, leaf={"not_after": tlv(0x0c, b"301231000000Z")})
case("mal-validity", "validity with three times", BAD, leaf={"not_after": tlv(0x17, b"301231000000Z") * 2})
case("mal-path-length", "negative path length", BAD,
     inters=[{"bc": None, "extra": [extension("2.5.29.19", seq(b"\1\1\xff", integer(-1)), True)]}])
case("mal-bc", "basic constraints that are not a SEQUENCE", BAD, leaf={"bc": None, "extra": [extension("2.5.29.19", NULL)]})
case("mal-bc-trailing", "bytes after the basic constraints", BAD,
     leaf={"bc": None, "extra": [extension("2.5.29.19", seq() + NULL)]},
     stricter="openssl ignores bytes after the value")
case("mal-ku", "key usage that is not a BIT STRING", BAD, leaf={"ku": None, "extra": [extension("2.5.29.15", NULL)]})
case("mal-ku-empty", "key usage without a bit", BAD, leaf={"ku": None, "extra": [extension("2.5.29.15", b"\3\1\0")]})
case("mal-eku", "extended key usage that is not a SEQUENCE", BAD, leaf={"eku": None, "extra": [extension("2.5.29.37", NULL)]})
case("mal-eku-item", "a purpose that is not an OID", BAD, leaf={"eku": None, "extra": [extension("2.5.29.37", seq(NULL))]})
case("mal-san", "subjectAltName that is not a SEQUENCE", BAD, leaf={"san": None, "extra": [extension("2.5.29.17", NULL)]})
case("mal-san-item", "a NULL instead of a name", BAD, leaf={"san": [dns("test.example"), NULL]})
case("mal-san-cut", "a truncated name", BAD,
     leaf={"san": None, "extra": [extension("2.5.29.17", seq(dns("test.example"), b"\x82\x10abc"))]})
case("mal-san-trailing", "bytes after the subjectAltName", BAD,
     leaf={"san": None, "extra": [extension("2.5.29.17", seq(dns("test.example")) + NULL)]},
     stricter="openssl ignores bytes after the value")
case("mal-extension", "an extension without a value", BAD, leaf={"extra": [seq(oid("1.3.6.1.4.1.99999.5"))]})
case("mal-critical", "a BOOLEAN of two bytes", BAD,
     leaf={"extra": [seq(oid("1.3.6.1.4.1.99999.5"), b"\1\2\0\0", tlv(4, NULL))]})
case("mal-key", "an elliptic curve's key without a curve", "unsupported", own="unsupported",
     leaf={"info": seq(seq(oid("1.2.840.10045.2.1")), tlv(3, b"\0\0"))}, stricter=None)
case("mal-point-short", "a point too short for its curve", BAD,
     leaf={"info": seq(seq(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")), tlv(3, b"\0\4" + b"\1" * 60))})
case("mal-issuer", "an issuer without a name (RFC 5280, 4.1.2.4)", BAD, leaf={"issuer": EMPTY_NAME},
     inters=[{"subject": EMPTY_NAME}])
case("mal-issuer-inter", "an anchor without a name issued the intermediate", BAD, inters=[{"issuer": EMPTY_NAME}],
     root={"subject": EMPTY_NAME, "issuer": "somebody"})

# Extensions that the rules ignore, but libraries parse.
OCSP, CRL = seq(oid("1.3.6.1.5.5.7.48.1"), uri("http://o.example")), seq(tlv(0xa0, tlv(0xa0, uri("http://c.example"))))
READ = {
    "aia": ("authorityInfoAccess", "1.3.6.1.5.5.7.1.1", seq(OCSP, OCSP), {
        "der": b"malformed", "type": NULL, "empty": seq(), "entry": seq(OCSP, NULL), "method": seq(seq(uri("http://o.example"))),
        "location": seq(seq(oid("1.3.6.1.5.5.7.48.1"))), "entry-long": seq(seq(OCSP[2:], NULL)), "trailing": seq(OCSP) + NULL}),
    "ski": ("subjectKeyIdentifier", "2.5.29.14", tlv(4, b"1234"), {
        "der": b"malformed", "type": NULL, "trailing": tlv(4, b"1234") + NULL}),
    "aki": ("authorityKeyIdentifier", "2.5.29.35", seq(tlv(0x80, b"1234"), tlv(0xa1, tlv(0xa4, name("root"))), tlv(0x82, b"1")), {
        "der": b"malformed", "type": NULL, "field": seq(NULL), "order": seq(tlv(0x82, b"1"), tlv(0x80, b"1234")),
        "trailing": seq() + NULL}),
    "crldp": ("cRLDistributionPoints", "2.5.29.31", seq(CRL, CRL), {
        "der": b"malformed", "type": NULL, "empty": seq(), "entry": seq(CRL, NULL), "field": seq(seq(NULL)),
        "trailing": seq(CRL) + NULL}),
}
for short, (long, identifier, good, bad) in READ.items():
    case(f"ext-{short}", f"a valid {long}", leaf={"key_ids": False, "extra": [extension(identifier, good)]},
         looser="-x509_strict requires key identifiers")
    case(f"crit-{short}", f"{long} must not be critical", BAD,
         leaf={"key_ids": False, "extra": [extension(identifier, good, critical=True)]})
    for what, value in bad.items():
        case(f"mal-{short}-{what}", f"a malformed {long}: {what}", BAD,
             leaf={"key_ids": False, "extra": [extension(identifier, value)]})
case("ext-policies-malformed", "malformed certificate policies: the rules ignore them, and no library parses them",
     leaf={"extra": [extension("2.5.29.32", b"malformed")]})
case("ext-netscape-malformed", "a malformed Netscape certificate type: nobody parses it",
     leaf={"extra": [extension("2.16.840.1.113730.1.1", b"malformed")]},
     looser="openssl parses it")
case("ext-crldp-name", "a distribution point with a directory name",
     leaf={"extra": [extension("2.5.29.31", seq(seq(tlv(0xa0, tlv(0xa0, tlv(0xa4, name("root")))))))]})
case("ext-unread", "extensions that nobody parses may be malformed", leaf={"extra": [
    extension(identifier, b"malformed") for identifier in ("2.5.29.18", "2.5.29.9", "1.3.6.1.5.5.7.1.11", "1.3.6.1.4.1.99999.5")]})
case("mal-inter", "the intermediate is malformed: month 13", BAD, inters=[{"not_after": tlv(0x17, b"301301000000Z")}])

# --- Path ---

case("path-unknown-root", "no anchor issued this", "untrusted", anchors="other", path=False)
case("path-impostor", "an anchor with the issuer's name and another key", "untrusted", anchors="impostor", path=False)
case("path-inter-missing", "the intermediate was not sent", "untrusted", send=[0], path=False)
case("path-inter-missing-anchor", "the anchor was sent instead of the intermediate", "untrusted", send=[0, -1], path=False)
case("path-self-signed", "self-signed, and not an anchor", "untrusted", root=None, inters=[], anchors="other", send=[0], path=False)
case("path-self-signed-named", "self-signed, with an anchor's name", "untrusted", root=None, inters=[], send=[0],
     leaf={"subject": "root", "issuer": "root"}, anchors="other-named", path=False)
case("path-same-key", "another certificate with the key and name of a trusted leaf", "untrusted",
     anchors="leaf-old", root=None, inters=[], send=[0], path=False)
case("path-leaf-signature", "the leaf's signature is wrong", "untrusted", path=False,
     leaf={"damage": lambda der: der[:-1] + bytes([der[-1] ^ 1])})
case("path-inter-signature", "the intermediate's signature is wrong", "untrusted", path=False,
     inters=[{"damage": lambda der: der[:-1] + bytes([der[-1] ^ 1])}])
case("path-changed", "the leaf's name was changed after signing", "untrusted", path=False, host="tess.example", roles="server",
     leaf={"damage": patch(b"test.example", b"tess.example")})
case("path-name-differs", "the issuer's name differs in one letter", "untrusted", path=False, leaf={"issuer": "intermedium"})
case("path-name-case", "the issuer's name differs only in case: RFC 5280, 7.1 requires the same encoding", "untrusted",
     leaf={"issuer": "INTER0"}, stricter="openssl ignores case, as RFC 5280, 7.1 allows")
case("path-name-type", "the issuer's name has another string type", "untrusted", leaf={"issuer": name("inter0", 0x13)},
     stricter="openssl ignores the string type")
case("path-root-changed", "the sent root is not the anchor, but has its name", "untrusted", send=[0, 1, "impostor"],
     anchors="other", path=False)
case("path-leaf-issues-itself", "a self-issued leaf", "untrusted", leaf={"subject": "inter0"}, path=False,
     send=[0, 0], inters=[{}])

# --- Several things wrong: which error is reported ---

EXPIRED_WRONG = {**PAST, **hosts("other.example")}
case("order-time-host", "time before host", "expired", roles="server", leaf=EXPIRED_WRONG)
case("order-purpose-host", "purpose before host", "wrong_purpose", roles="server",
     leaf={"eku": ("code",), **hosts("other.example")})
case("order-time-purpose", "time before purpose", "expired", leaf={"eku": ("code",), **PAST})
case("order-untrusted-time", "untrusted before time", "untrusted", leaf=PAST, anchors="other", path=False)
case("order-untrusted-host", "untrusted before host", "untrusted", roles="server", host="other.example", anchors="other",
     path=False)
case("order-untrusted-purpose", "untrusted before purpose", "untrusted", leaf={"eku": ("code",)}, anchors="other", path=False)
case("order-weak-untrusted", "weak before untrusted", "weak_key", leaf={"key": "rsa1024:leaf"}, anchors="other", path=False,
     needs="rsa")
case("order-weak-time", "weak before time", "weak_key", leaf={"key": "rsa1024:leaf", **PAST}, needs="rsa")
case("order-weak-signature-untrusted", "weak signature before untrusted", "weak_signature", leaf={"scheme": "sha1"},
     anchors="other", path=False)
case("order-key-signature", "a certificate's key before its signature", "weak_key", needs="rsa",
     leaf={"key": "rsa1024:leaf", "scheme": "sha1"}, stricter="openssl verify's default level accepts both")
case("order-malformed-weak", "malformed before weak", BAD, leaf={"scheme": "sha1"}, inters=[{"extra": [UNKNOWN]}])
case("order-malformed-untrusted", "malformed before untrusted", BAD, leaf={"extra": [UNKNOWN]}, anchors="other", path=False)
case("order-critical-time", "critical extension before time", BAD, leaf={"extra": [UNKNOWN], **PAST})
case("order-inter-time-leaf-host", "the intermediate's time before the leaf's name", "expired", roles="server",
     inters=[PAST], host="other.example")
case("order-root-time-leaf-purpose", "the anchor's time before the leaf's purpose", "expired", root=PAST, leaf={"eku": ("code",)})
case("order-inter-weak-leaf-expired", "the intermediate's strength before the leaf's time", "weak_key", leaf=PAST,
     inters=[{"key": "rsa1024:inter"}], needs="rsa")
case("order-all", "everything is wrong", BAD, roles="server", host="other.example", anchors="other", path=False, needs="rsa",
     leaf={"key": "rsa1024:leaf", "scheme": "sha1", "eku": ("code",), "extra": [UNKNOWN], **PAST})

# --- Verdicts that a library cannot be made to reach: each backend's differences.txt ---

# {(backend, case) or (backend, case, judged role): its verdict}. BACKEND@VERSION: only of that version. BACKEND@own: the result
# with the chain as its own.
DIFFERENCES = {}


def read_differences(backend, text):
    for line in text.splitlines():
        words = line.partition(" : ")[0].split()
        if words[:1] not in (["verdict"], ["own"]):
            continue
        kind, which, verdict, *version = words
        if which.partition("/")[0] not in (case_["name"] for case_ in CASES):
            raise ValueError(f"differences.txt of {backend}: no case {which}")
        only = ["own"] if kind == "own" else version
        DIFFERENCES[("@".join([backend, *only]), *which.split("/"))] = verdict


for file in (Path(__file__).resolve().parents[2] / "backends").glob("*/differences.txt"):
    read_differences(file.parent.name, file.read_text())
