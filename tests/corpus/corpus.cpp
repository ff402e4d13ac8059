// Loads real certificates and keys on every backend: as a trust anchor, as an own certificate with
// a signer that signs nonsense, as a peer's, and as an own key.
//
//   ussl-corpus DIFFERENCES DIR... [--verbose]
//
// Reads every file below each DIR with certificates or private keys, in DER or PEM, and prints
// where backends differ, and where all of them differ from libcrypto. DIFFERENCES lists the known
// ones, with reasons. Others, and entries that are no longer true, are failures. Ends with "N
// passed, N failed". --verbose names each file before it is read.
#include "support/backends.hpp"
// Only for the names of errors; the rest comes with them.
#define DOCTEST_CONFIG_IMPLEMENT
#include "support/doctest.hpp"

#include "support/material.hpp"
#include "support/test_environment.hpp"
#include "verdicts/prover.hpp"

#include "ussl/pem.hpp"
#include "ussl/time.hpp"
#include "ussl/x509/certificate.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <fnmatch.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ussl::test {
namespace {

[[noreturn]] void stop(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(2);
}

// --- Files ---

enum class Kind { certificate, key };

struct Item {
    std::string name; // of the file, from the folder that was given; and the place in a bundle
    Kind kind;
    Blob der;
};

class Collector {
public:
    void folder(const std::filesystem::path& path) {
        std::vector<std::filesystem::path> files;
        if (!std::filesystem::is_directory(path)) stop(path.string() + " is no folder");
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
            if (entry.is_regular_file() && !entry.is_symlink()) files.push_back(entry.path());
        std::sort(files.begin(), files.end());
        tops_.push_back(std::filesystem::canonical(path).filename().string());
        for (const auto& file : files)
            read(file, tops_.back() + "/" + file.lexically_relative(path).string());
    }

    const std::vector<Item>& items() const { return items_; }
    const std::vector<std::string>& tops() const { return tops_; }
    std::size_t files() const { return files_; }

private:
    static constexpr std::uintmax_t largest = 1 << 20; // the bundles that there are have a quarter

    void read(const std::filesystem::path& path, const std::string& name) {
        if (std::filesystem::file_size(path) > largest) return;
        std::ifstream in(path, std::ios::binary);
        const Blob data(std::istreambuf_iterator<char>(in), {});
        const std::size_t before = found_;
        if (pem::is_pem(data))
            read_pem(data, name);
        else
            read_der(data, name);
        files_ += found_ != before;
    }

    void read_pem(const Blob& text, const std::string& name) {
        Blob room(pem::max_der_size(text.size()));
        pem::Reader reader(text);
        pem::Block block;
        for (unsigned number = 1; reader.next(room, block) == Err::none && !block.label.empty();
             ++number) {
            const std::string place = name + "#" + std::to_string(number);
            if (block.label.ends_with("PRIVATE KEY") && !block.encrypted)
                add(place, Kind::key, block.der);
            else if (block.label.ends_with("CERTIFICATE"))
                add(place, Kind::certificate, block.der);
        }
    }

    // A SEQUENCE that begins with one is a certificate, or something else with a signature; one
    // that begins with an INTEGER is a key.
    void read_der(const Blob& der, const std::string& name) {
        if (der.size() < 16 || der[0] != 0x30) return;
        const std::size_t header = der[1] < 0x80 ? 2 : 2u + (der[1] & 0x7f);
        if (header >= 6) return;
        if (der[header] == 0x30) add(name, Kind::certificate, der);
        if (der[header] == 0x02) add(name, Kind::key, der);
    }

    void add(const std::string& name, Kind kind, Bytes der) {
        ++found_;
        Blob copy(der.begin(), der.end());
        if (known_.insert(copy).second) items_.push_back({name, kind, std::move(copy)});
    }

    std::vector<Item> items_;
    std::vector<std::string> tops_;
    std::set<Blob> known_; // the same thing lies in many places
    std::size_t found_ = 0, files_ = 0;
};

// --- OpenSSL, which reads nearly everything ---

template<auto free>
struct Freed {
    template<class T>
    void operator()(T* what) const {
        free(what);
    }
};
using X509Pointer = std::unique_ptr<X509, Freed<X509_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

bool openssl_reads_certificate(Bytes der) {
    const unsigned char* at = der.data();
    const X509Pointer read(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    const bool good =
        read != nullptr && at == der.data() + der.size() && X509_get0_pubkey(read.get()) != nullptr;
    ERR_clear_error();
    return good;
}

KeyPointer openssl_key(Bytes der) {
    const unsigned char* at = der.data();
    KeyPointer key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
    if (at != der.data() + der.size()) key.reset();
    ERR_clear_error();
    return key;
}

// A certificate for any key; its signature does not count.
Blob certificate_for(EVP_PKEY* key) {
    static const KeyPointer signer(EVP_EC_gen("P-256"));
    const X509Pointer made(X509_new());
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    ASN1_TIME_set_string(X509_getm_notBefore(made.get()), "20200101000000Z");
    ASN1_TIME_set_string(X509_getm_notAfter(made.get()), "20491231235959Z");
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("own"), -1, -1, 0);
    X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
    Blob der;
    if (X509_set_pubkey(made.get(), key) == 1 &&
        X509_sign(made.get(), signer.get(), EVP_sha256()) > 0) {
        der.resize(static_cast<std::size_t>(i2d_X509(made.get(), nullptr)));
        unsigned char* out = der.data();
        i2d_X509(made.get(), &out);
    }
    ERR_clear_error();
    return der;
}

// --- The backends ---

constexpr UnixTime now = earliest_time + 14 * 24 * 3600;

// Well-formed, but nobody's.
bool sign_nonsense(void*, SignatureScheme scheme, Bytes, MutableBytes signature,
                   std::size_t* size) {
    static constexpr std::uint8_t ecdsa[] = {0x30, 6, 2, 1, 5, 2, 1, 7};
    if ((static_cast<unsigned>(scheme) & 0xff) == 3) {
        std::copy(std::begin(ecdsa), std::end(ecdsa), signature.begin());
        *size = sizeof ecdsa;
    } else {
        std::fill(signature.begin(), signature.end(), std::uint8_t{0x11});
        signature[0] = 0;
        *size = signature.size();
    }
    return true;
}

ContextConfig config_of(Role role) {
    ContextConfig config;
    config.role = role;
    config.max_version = Version::tls1_2;
    return config;
}

Err as_anchor(const BackendUnderTest& backend, Bytes der) {
    TestEnvironment environment;
    environment.time = now;
    ContextConfig config = config_of(Role::client);
    const Bytes anchors[] = {der};
    config.trust_anchors = anchors;
    OwnedContext context(backend);
    return context->open(config, environment.environment).code;
}

// The results of a server with this certificate, and of a client that accepts any.
Err serving(const BackendUnderTest& backend, const Credential& own) {
    TestEnvironment environment;
    ContextConfig config = config_of(Role::server);
    config.verify = Verify::none;
    config.policy.check_time = false; // its own is shown, whatever it is
    config.credential = own;
    OwnedContext server(backend), client(backend);
    if (const Error error = server->open(config, environment.environment); error.code != Err::none)
        return error.code;
    config = config_of(Role::client);
    config.verify = Verify::none;
    OwnedSession judge(backend), shown(backend);
    if (client->open(config, environment.environment).code != Err::none ||
        judge->open(*client, {}).code != Err::none || shown->open(*server, {}).code != Err::none)
        return Err::internal;
    Status one = Status::want_read, other = Status::want_read;
    const auto going = [](Status status) {
        return status == Status::want_read || status == Status::want_write;
    };
    const auto carry = [](Session& from, Session& to) {
        std::size_t moved = 0;
        for (Bytes out = from.output(); !out.empty(); out = from.output()) {
            const MutableBytes space = to.input_space();
            const std::size_t size = std::min(space.size(), out.size());
            if (size == 0) break;
            std::copy_n(out.begin(), size, space.begin());
            to.input_commit(size);
            from.output_consume(size);
            moved += size;
        }
        return moved;
    };
    for (bool moved = true; moved;) {
        if (going(one)) one = judge->handshake();
        moved = carry(*judge, *shown) != 0;
        if (going(other)) other = shown->handshake();
        moved = carry(*shown, *judge) != 0 || moved;
    }
    if (one == Status::ok && other == Status::ok) return Err::none;
    if (one == Status::failed && judge->error().code != Err::peer_alert) return judge->error().code;
    return other == Status::failed ? shown->error().code : Err::truncated;
}

// The verdict of a client with this anchor.
Err as_peer(const BackendUnderTest& backend, Bytes der, Bytes anchor, const Policy& policy) {
    TestEnvironment environment;
    environment.time = now;
    ContextConfig config = config_of(Role::client);
    const Bytes anchors[] = {anchor}, chain[] = {der};
    config.trust_anchors = anchors;
    config.policy = policy;
    OwnedContext context(backend);
    if (const Error error = context->open(config, environment.environment); error.code != Err::none)
        return error.code;
    OwnedSession judge(backend);
    PeerIdentity identity;
    identity.dns_name = "localhost";
    if (const Error error = judge->open(*context, identity); error.code != Err::none)
        return error.code;
    x509::Certificate parsed{};
    const bool rsa = x509::parse(der, parsed) && parsed.key == x509::KeyKind::rsa;
    // Another key, of the same kind, so that there is a suite for it.
    const Credential& own = credential(rsa ? "rsa" : "p256");
    Prover peer(Role::server, chain, own.private_key, own.chain.front());
    return shake_hands(*judge, peer) == Status::ok ? Err::none : judge->error().code;
}

// --- What is known ---

// differences.txt: CHECK: DIFFERENCE, below it reasons, below each the names it holds for, where
// `*` is anything. Those in a folder that was given must be true.
class Known {
public:
    Known(const std::string& list, const std::vector<std::string>& tops) {
        std::ifstream in(list);
        if (!in) stop(list + " cannot be read");
        std::string difference, reason;
        for (std::string line; std::getline(in, line);) {
            const std::size_t depth = line.find_first_not_of(' ');
            if (depth == std::string::npos || line[depth] == '#') continue;
            const std::string text = line.substr(depth);
            if (depth == 0) {
                difference = text;
                reason.clear();
            } else if (depth == 2) {
                reason = text;
            } else if (reason.empty()) {
                stop(list + ": no reason for " + text);
            } else if (std::any_of(tops.begin(), tops.end(), [&](const std::string& top) {
                           return matches(text.substr(0, text.find('/')), top);
                       })) {
                entries_.push_back({difference, text});
            }
        }
    }

    bool has(const Item& item, const std::string& difference) {
        for (Entry& entry : entries_)
            if (entry.difference == difference && matches(entry.pattern, item.name))
                return entry.met = true;
        return false;
    }

    unsigned untrue() const {
        unsigned count = 0;
        for (const Entry& entry : entries_)
            if (!entry.met) {
                ++count;
                std::printf("no longer true: %s: %s\n", entry.pattern.c_str(),
                            entry.difference.c_str());
            }
        return count;
    }

private:
    struct Entry {
        std::string difference, pattern;
        bool met = false;
    };
    static bool matches(const std::string& pattern, const std::string& name) {
        return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
    }
    std::vector<Entry> entries_;
};

// --- What is asked of each ---

struct Outcome {
    const BackendUnderTest* backend;
    Err err;
};
using Outcomes = std::vector<Outcome>;
using Question = std::function<Err(const BackendUnderTest&)>;

const char* verdict_name(Err code) { return code == Err::none ? "ok" : name_of(code); }

class Corpus {
public:
    explicit Corpus(Known& known) : known_(known) {}

    void certificate(const Item& item) {
        const auto anchored = ask([&](const auto& b) { return as_anchor(b, item.der); });
        compare(item, "anchor", anchored);
        beside_openssl(item, "anchor", anchored[0].err, openssl_reads_certificate(item.der));
        const Bytes chain[] = {item.der};
        Credential own;
        own.chain = chain;
        own.signer = {nullptr, sign_nonsense};
        compare(item, "own", ask([&](const auto& b) {
                    // Backends without signers cannot use it.
                    return b.can().sign_callback ? serving(b, own) : nobody;
                }));
        Policy lenient;
        lenient.check_identity = lenient.check_time = lenient.check_purpose =
            lenient.check_key_strength = false;
        compare(item, "peer, its own anchor",
                ask([&](const auto& b) { return as_peer(b, item.der, item.der, lenient); }));
        const Bytes stranger = anchors({"ca"}).front();
        x509::Certificate parsed{};
        const bool pss =
            x509::parse(item.der, parsed) && parsed.signature == x509::SignatureKind::rsa_pss;
        compare(item, "peer", ask([&](const auto& b) {
                    if (pss && !b.can().rsa_pss_certificates) return nobody;
                    return as_peer(b, item.der, stranger, {});
                }));
    }

    void key(const Item& item) {
        const KeyPointer read = openssl_key(item.der);
        const Blob made = read != nullptr ? certificate_for(read.get()) : Blob();
        const auto with = [&](Bytes certificate) {
            return ask([&](const auto& b) {
                const Bytes chain[] = {certificate};
                Credential own;
                own.chain = chain;
                own.private_key = item.der;
                return serving(b, own);
            });
        };
        const Outcomes own = with(made.empty() ? credential("p256").chain.front() : Bytes(made));
        compare(item, "key", own);
        beside_openssl(item, "key", own[0].err, !made.empty());
        compare(item, "key, P-256 certificate", with(credential("p256").chain.front()));
        compare(item, "key, RSA certificate", with(credential("rsa").chain.front()));
    }

    int end(std::size_t files) {
        failed_ += known_.untrue();
        std::printf(
            "%zu files with %zu different certificates and %zu different keys; %zu differ, %u "
            "without a reason\n",
            files, certificates_, keys_, differ_.size(), failed_);
        std::printf("%u passed, %u failed\n", passed_, failed_);
        return failed_ == 0 && passed_ != 0 ? 0 : 1;
    }

    void count(const Item& item) { ++(item.kind == Kind::key ? keys_ : certificates_); }

private:
    // Not asked; no backend answers so.
    static constexpr Err nobody = Err::handshake_timeout;

    static Outcomes ask(const Question& question) {
        Outcomes outcomes;
        for (const BackendUnderTest& backend : backends())
            if (const Err err = question(backend); err != nobody)
                outcomes.push_back({&backend, err});
        return outcomes;
    }

    void compare(const Item& item, const char* what, const Outcomes& outcomes) {
        std::string text;
        for (const Outcome& one : outcomes)
            text += (text.empty() ? "" : ", ") + std::string(one.backend->name) + " " +
                    verdict_name(one.err);
        const bool same = std::all_of(outcomes.begin(), outcomes.end(), [&](const Outcome& one) {
            return one.err == outcomes[0].err;
        });
        result(item, same ? "" : std::string(what) + ": " + text);
    }

    // A file that is refused for its contents, not for its form, counts as read.
    void beside_openssl(const Item& item, const char* what, Err ours, bool reads) {
        const bool by_nature = ours == Err::unsupported || ours == Err::weak_key;
        const bool same = by_nature || (ours == Err::none) == reads;
        result(item, same ? ""
                          : std::string(what) +
                                (reads ? ": OpenSSL reads it" : ": OpenSSL does not read it"));
    }

    void result(const Item& item, const std::string& difference) {
        if (!difference.empty()) differ_.insert(item.name);
        if (difference.empty() || known_.has(item, difference)) {
            ++passed_;
            return;
        }
        ++failed_;
        std::printf("%s: %s\n", item.name.c_str(), difference.c_str());
        std::fflush(stdout);
    }

    Known& known_;
    std::set<std::string> differ_;
    std::size_t certificates_ = 0, keys_ = 0;
    unsigned passed_ = 0, failed_ = 0;
};

int run(const std::string& list, const std::vector<const char*>& folders, bool verbose) {
    Collector collector;
    for (const char* folder : folders)
        collector.folder(folder);
    Known known(list, collector.tops());
    Corpus corpus(known);
    for (const Item& item : collector.items()) {
        if (verbose) std::fprintf(stderr, "%s\n", item.name.c_str());
        corpus.count(item);
        item.kind == Kind::key ? corpus.key(item) : corpus.certificate(item);
    }
    return corpus.end(collector.files());
}

} // namespace
} // namespace ussl::test

int main(int argc, char** argv) {
    bool verbose = false;
    std::vector<const char*> words;
    for (int i = 1; i < argc; ++i)
        if (std::string_view(argv[i]) == "--verbose")
            verbose = true;
        else
            words.push_back(argv[i]);
    if (words.size() < 2) ussl::test::stop("ussl-corpus DIFFERENCES DIR... [--verbose]");
    return ussl::test::run(words[0], {words.begin() + 1, words.end()}, verbose);
}
