#include "support/material.hpp"

#include "ussl/pem.hpp"

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

namespace ussl::test {
namespace {

[[noreturn]] void stop(const std::string& why) {
    std::fprintf(stderr, "test material: %s\n", why.c_str());
    std::abort();
}

// Certificates that views point into: a deque never moves its elements.
struct Chain {
    std::deque<Blob> blobs;
    std::vector<Bytes> views;

    void add(Blob blob) { views.push_back(blobs.emplace_back(std::move(blob))); }
};

struct Loaded {
    Chain chain;
    Credential credential;
};

} // namespace

const Blob& file(const std::string& name) {
    static std::map<std::string, Blob> files;
    const auto known = files.find(name);
    if (known != files.end()) return known->second;
    std::ifstream in(std::string(USSL_TEST_CERTS "/") + name, std::ios::binary);
    if (!in) stop("no file " USSL_TEST_CERTS "/" + name);
    return files[name] = Blob(std::istreambuf_iterator<char>(in), {});
}

std::vector<Blob> from_pem(const std::string& name) {
    const Blob& text = file(name);
    pem::Reader reader(text);
    std::vector<Blob> blocks;
    Blob buffer(pem::max_der_size(text.size()));
    for (;;) {
        pem::Block block;
        if (reader.next(buffer, block) != Err::none) stop("bad PEM in " + name);
        if (block.label.empty()) return blocks;
        blocks.emplace_back(block.der.begin(), block.der.end());
    }
}

const Credential& credential(const std::string& name, const std::string& key_form) {
    static std::map<std::string, Loaded> loaded;
    const auto [at, fresh] = loaded.try_emplace(name + key_form);
    Loaded& entry = at->second;
    if (fresh) {
        for (Blob& der : from_pem(name + ".crt.pem"))
            entry.chain.add(std::move(der));
        entry.credential = {entry.chain.views, file(name + ".key" + key_form + ".der")};
    }
    return entry.credential;
}

const std::vector<OwnKey>& own_keys() {
    static std::vector<OwnKey> keys;
    if (!keys.empty()) return keys;
    static std::deque<std::vector<Bytes>> chains;
    const Blob& table = file("own/keys.txt");
    std::istringstream rows(std::string(table.begin(), table.end()));
    OwnKey key;
    std::string certificate;
    unsigned read = 0, opened = 0;
    while (rows >> key.name >> certificate >> read >> opened) {
        chains.push_back({file(certificate + ".crt.der"), file("inter.der")});
        key.credential = {chains.back(), file("own/" + key.name + ".key.der"), {}};
        key.read = static_cast<Err>(read), key.opened = static_cast<Err>(opened);
        keys.push_back(key);
    }
    if (keys.size() < 200) stop("own/keys.txt is too short");
    return keys;
}

namespace {

std::span<const Bytes> files(std::initializer_list<std::string_view> names, const char* suffix) {
    static std::map<std::string, std::vector<Bytes>> lists;
    std::string key(suffix);
    for (const std::string_view name : names)
        key += ' ' + std::string(name);
    std::vector<Bytes>& list = lists[key];
    if (list.empty())
        for (const std::string_view name : names)
            list.push_back(file(std::string(name) + suffix));
    return list;
}

} // namespace

std::span<const Bytes> anchors(std::initializer_list<std::string_view> names) {
    return files(names, ".der");
}

std::span<const Bytes> pins(std::initializer_list<std::string_view> names) {
    return files(names, ".pin");
}

std::span<const Bytes> anchors_of_bundle(const std::string& name) {
    static std::map<std::string, Chain> bundles;
    Chain& bundle = bundles[name];
    if (bundle.views.empty())
        for (Blob& der : from_pem(name))
            bundle.add(std::move(der));
    return bundle.views;
}

} // namespace ussl::test
