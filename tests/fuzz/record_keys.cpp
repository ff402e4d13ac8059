#include "record_keys.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

namespace ussl::fuzz {
namespace {

using namespace test::raw;

constexpr std::size_t key_size = 16, tag_size = 16, explicit_nonce_size = 8;
constexpr unsigned application_data = 23, version = 0x0303;

const unsigned char* octets(const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string hmac(const std::string& key, const std::string& data) {
    std::string out(32, '\0');
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(data), data.size(),
         octets(out), &size);
    return out;
}

// RFC 5246, 5.
std::string prf(const std::string& secret, const std::string& seed, std::size_t size) {
    std::string out;
    for (std::string a = hmac(secret, seed); out.size() < size; a = hmac(secret, a))
        out += hmac(secret, a + seed);
    return out.substr(0, size);
}

// RFC 8446, 7.1, with an empty context and at most one block.
std::string expand_label(const std::string& secret, const std::string& name, std::size_t size) {
    const std::string label = "tls13 " + name;
    const std::string info =
        u16(static_cast<unsigned>(size)) + u8(static_cast<unsigned>(label.size())) + label + u8(0);
    return hmac(secret, info + u8(1)).substr(0, size);
}

std::string u64(std::uint64_t value) {
    return u16(value >> 48 & 0xffff) + u16(value >> 32 & 0xffff) + u16(value >> 16 & 0xffff) +
           u16(value & 0xffff);
}

struct Aead {
    std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{EVP_CIPHER_CTX_new(),
                                                                            EVP_CIPHER_CTX_free};

    Aead(const std::string& key, const std::string& nonce, const std::string& additional,
         bool encrypt) {
        int size = 0;
        EVP_CipherInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, octets(key), octets(nonce),
                          encrypt ? 1 : 0);
        EVP_CipherUpdate(context.get(), nullptr, &size, octets(additional),
                         static_cast<int>(additional.size()));
    }
    std::string run(const std::string& from) {
        std::string out(from.size(), '\0');
        int size = 0;
        if (!from.empty())
            EVP_CipherUpdate(context.get(), octets(out), &size, octets(from),
                             static_cast<int>(from.size()));
        return out;
    }
    bool end() {
        unsigned char none[1];
        int size = 0;
        return EVP_CipherFinal_ex(context.get(), none, &size) == 1;
    }
};

std::string encrypt(const std::string& key, const std::string& nonce, const std::string& additional,
                    const std::string& plain) {
    Aead aead(key, nonce, additional, true);
    std::string out = aead.run(plain), tag(tag_size, '\0');
    aead.end();
    EVP_CIPHER_CTX_ctrl(aead.context.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, tag.data());
    return out + tag;
}

std::optional<std::string> decrypt(const std::string& key, const std::string& nonce,
                                   const std::string& additional, std::string_view sealed) {
    std::string tag(sealed.substr(sealed.size() - tag_size));
    Aead aead(key, nonce, additional, false);
    std::string out = aead.run(std::string(sealed.substr(0, sealed.size() - tag_size)));
    EVP_CIPHER_CTX_ctrl(aead.context.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data());
    if (!aead.end()) return std::nullopt;
    return out;
}

// RFC 8446, 5.3.
std::string nonce_of(std::string iv, std::uint64_t sequence) {
    const std::string number = u64(sequence);
    for (std::size_t i = 0; i < number.size(); ++i)
        iv[iv.size() - number.size() + i] ^= number[i];
    return iv;
}

std::string header(unsigned type, std::size_t size) {
    return u8(type) + u16(version) + u16(static_cast<unsigned>(size));
}

} // namespace

RecordKeys RecordKeys::of_traffic_secret(const std::string& secret) {
    RecordKeys keys;
    keys.tls1_3_ = true;
    keys.key_ = expand_label(secret, "key", key_size);
    keys.iv_ = expand_label(secret, "iv", 12);
    return keys;
}

RecordKeys RecordKeys::of_master_secret(const std::string& secret, const std::string& client_random,
                                        const std::string& server_random, bool client_writes) {
    constexpr std::size_t fixed_iv_size = 4;
    const std::string block = prf(secret, "key expansion" + server_random + client_random,
                                  2 * key_size + 2 * fixed_iv_size);
    const std::size_t which = client_writes ? 0 : 1;
    RecordKeys keys;
    keys.key_ = block.substr(which * key_size, key_size);
    keys.iv_ = block.substr(2 * key_size + which * fixed_iv_size, fixed_iv_size);
    return keys;
}

std::optional<Plaintext> RecordKeys::open(const Record& record, std::uint64_t sequence) const {
    if (!tls1_3_) {
        if (record.body.size() < explicit_nonce_size + tag_size) return std::nullopt;
        const std::string explicit_nonce(record.body.substr(0, explicit_nonce_size));
        const std::size_t size = record.body.size() - explicit_nonce_size - tag_size;
        const auto content =
            decrypt(key_, iv_ + explicit_nonce, u64(sequence) + header(record.type, size),
                    record.body.substr(explicit_nonce_size));
        if (!content) return std::nullopt;
        return Plaintext{record.type, *content};
    }
    if (record.body.size() < tag_size) return std::nullopt;
    const auto inner = decrypt(key_, nonce_of(iv_, sequence),
                               header(record.type, record.body.size()), record.body);
    const std::size_t last = inner ? inner->find_last_not_of('\0') : std::string::npos;
    if (last == std::string::npos) return std::nullopt;
    return Plaintext{static_cast<unsigned char>((*inner)[last]), inner->substr(0, last),
                     inner->size() - last - 1};
}

std::string RecordKeys::seal(const Plaintext& plaintext, std::uint64_t sequence) const {
    if (!tls1_3_) {
        const std::string number = u64(sequence);
        const std::string sealed =
            number + encrypt(key_, iv_ + number,
                             number + header(plaintext.type, plaintext.content.size()),
                             plaintext.content);
        return header(plaintext.type, sealed.size()) + sealed;
    }
    const std::string inner =
        plaintext.content + u8(plaintext.type) + std::string(plaintext.padding, '\0');
    const std::string front = header(application_data, inner.size() + tag_size);
    return front + encrypt(key_, nonce_of(iv_, sequence), front, inner);
}

std::string next_traffic_secret(const std::string& secret) {
    return expand_label(secret, "traffic upd", secret.size());
}

} // namespace ussl::fuzz
