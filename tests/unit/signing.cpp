// What core/ asks a program's signer for, and which of its answers it accepts as a signature.
#include "support/doctest.hpp"
#include "support/material.hpp"

#include "ussl/backend/operation.hpp"
#include "ussl/backend/signing.hpp"

#include <algorithm>
#include <cstring>
#include <string>

using namespace ussl;
using test::credential;

namespace {

// Writes `signature`, and reports `size` bytes.
struct Answers {
    std::string signature;
    std::size_t size = 0;
    bool gives = true;

    std::size_t calls = 0;
    SignatureScheme scheme{};
    std::size_t digest_size = 0, room = 0;

    Signer signer() { return {this, sign}; }

private:
    static bool sign(void* user, SignatureScheme asked, Bytes digest, MutableBytes into,
                     std::size_t* claimed) {
        Answers& self = *static_cast<Answers*>(user);
        ++self.calls;
        self.scheme = asked;
        self.digest_size = digest.size();
        self.room = into.size();
        const std::size_t count = std::min(self.signature.size(), into.size());
        if (count != 0) std::memcpy(into.data(), self.signature.data(), count);
        *claimed = self.size;
        return self.gives;
    }
};

std::string number(std::string bytes) {
    return std::string("\x02") + static_cast<char>(bytes.size()) + bytes;
}

std::string sequence(const std::string& contents) {
    return std::string("\x30") + static_cast<char>(contents.size()) + contents;
}

// The results: the reported size, and the noted error.
struct Outcome {
    std::size_t size;
    Err noted;
};

Outcome ask(Answers& answers, const char* leaf, std::size_t digest_size = 32, bool pss = false,
            std::size_t room_size = 1024) {
    const Environment& environment = posix_environment();
    Operation::Owner owner{&environment};
    const Operation under_way(owner);
    const std::uint8_t digest[64] = {};
    std::uint8_t room[1024];
    const std::size_t size =
        ask_signer(answers.signer(), credential(leaf).chain[0], pss,
                   Bytes{digest}.first(digest_size), MutableBytes{room}.first(room_size));
    return {size, Operation::resource_error()};
}

} // namespace

TEST_CASE("a scheme's number consists of its hash and its kind") {
    using x509::SignatureKind, x509::HashKind;
    static_assert(scheme_of(SignatureKind::rsa_pkcs1, HashKind::sha256) ==
                  SignatureScheme::rsa_pkcs1_sha256);
    static_assert(scheme_of(SignatureKind::rsa_pkcs1, HashKind::sha384) ==
                  SignatureScheme::rsa_pkcs1_sha384);
    static_assert(scheme_of(SignatureKind::rsa_pkcs1, HashKind::sha512) ==
                  SignatureScheme::rsa_pkcs1_sha512);
    static_assert(scheme_of(SignatureKind::ecdsa, HashKind::sha256) ==
                  SignatureScheme::ecdsa_sha256);
    static_assert(scheme_of(SignatureKind::ecdsa, HashKind::sha384) ==
                  SignatureScheme::ecdsa_sha384);
    static_assert(scheme_of(SignatureKind::ecdsa, HashKind::sha512) ==
                  SignatureScheme::ecdsa_sha512);
    static_assert(scheme_of(SignatureKind::rsa_pss, HashKind::sha256) ==
                  SignatureScheme::rsa_pss_rsae_sha256);
    static_assert(scheme_of(SignatureKind::rsa_pss, HashKind::sha384) ==
                  SignatureScheme::rsa_pss_rsae_sha384);
    static_assert(scheme_of(SignatureKind::rsa_pss, HashKind::sha512) ==
                  SignatureScheme::rsa_pss_rsae_sha512);
    const struct {
        const char* leaf;
        std::size_t digest;
        bool pss;
        SignatureScheme scheme;
        std::size_t room;
    } rows[] = {
        {"p256", 32, false, SignatureScheme::ecdsa_sha256, 72},
        {"p256", 64, true, SignatureScheme::ecdsa_sha512, 72},
        {"p384", 48, false, SignatureScheme::ecdsa_sha384, 104},
        {"rsa", 32, false, SignatureScheme::rsa_pkcs1_sha256, 256},
        {"rsa", 48, true, SignatureScheme::rsa_pss_rsae_sha384, 256},
        {"rsa1024", 64, false, SignatureScheme::rsa_pkcs1_sha512, 128},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.leaf));
        Answers answers;
        ask(answers, row.leaf, row.digest, row.pss);
        CHECK(answers.calls == 1);
        CHECK(answers.scheme == row.scheme);
        CHECK(answers.digest_size == row.digest);
        CHECK(answers.room == row.room);
    }
}

TEST_CASE("only results in the form of a signature are accepted") {
    const std::string low(32, '\x11'), high(32, '\x91'), zero(1, '\0'), long_(33, '\x11');
    const std::string padded = zero + high, rsa(256, '\x11');
    const struct {
        const char* leaf;
        std::string signature;
        std::ptrdiff_t more; // added to the reported size
        bool good;
    } rows[] = {
        {"p256", sequence(number(low) + number(low)), 0, true},
        {"p256", sequence(number(padded) + number(padded)), 0, true},
        {"p256", sequence(number("\x01") + number("\x01")), 0, true},
        {"p384", sequence(number(std::string(48, '\x11')) + number(low)), 0, true},
        {"p256", low + low, 0, false}, // raw, in the form of IEEE P1363
        {"p256", high + high, 0, false},
        {"p256", sequence(number(low) + number(low)), -1, false},
        {"p256", sequence(number(low) + number(low)), 1, false},
        {"p256", sequence(number(low) + number(low)) + zero, 0, false},
        {"p256", sequence(number(low)), 0, false},
        {"p256", sequence(number(low) + number(low) + number(low)), 0, false},
        {"p256", sequence(number(high) + number(low)), 0, false}, // negative
        {"p256", sequence(number(zero) + number(low)), 0, false},
        {"p256", sequence(number(zero + low) + number(low)), 0, false}, // not minimal
        {"p256", sequence(number(long_) + number(low)), 0, false},
        {"p256", sequence(number("") + number(low)), 0, false},
        {"p256", "", 0, false},
        {"p256", "", 1 << 20, false},
        {"p256", "", PTRDIFF_MAX, false},
        {"rsa", rsa, 0, true},
        {"rsa", rsa, -1, false},
        {"rsa", rsa, 1, false},
        {"rsa", "", 0, false},
        {"rsa", sequence(number(low) + number(low)), 0, false}, // of another kind of key
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.leaf));
        CAPTURE(row.signature.size());
        CAPTURE(row.more);
        Answers answers;
        answers.signature = row.signature;
        answers.size = row.signature.size() + static_cast<std::size_t>(row.more);
        for (const bool gives : {true, false}) {
            answers.gives = gives;
            const Outcome outcome = ask(answers, row.leaf);
            CHECK(outcome.size == (row.good && gives ? row.signature.size() : 0));
            CHECK(outcome.noted == (row.good && gives ? Err::none : Err::signer_failed));
        }
        CHECK(answers.calls == 2);
    }
}

TEST_CASE("a signer is not called without enough room, or for an unknown hash") {
    for (const std::size_t digest : {std::size_t{0}, std::size_t{20}, std::size_t{33}}) {
        Answers answers;
        CHECK(ask(answers, "p256", digest).noted == Err::signer_failed);
        CHECK(answers.calls == 0);
    }
    Answers answers;
    CHECK(ask(answers, "p256", 32, false, 71).noted == Err::signer_failed);
    CHECK(ask(answers, "rsa", 32, false, 255).noted == Err::signer_failed);
    CHECK(answers.calls == 0);
}
