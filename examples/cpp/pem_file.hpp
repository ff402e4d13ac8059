// Certificates from a PEM file.
#ifndef PEM_FILE_HPP
#define PEM_FILE_HPP

#include <ussl/pem.hpp>

#include <cstdint>
#include <cstdio>
#include <span>
#include <vector>

// The certificates of a file, as DER, for ContextConfig::trust_anchors: it must outlive the
// context. Without any, and with a line to stderr, if the file cannot be read, is damaged, or has
// none; a context that verifies then does not open.
class PemFile {
public:
    explicit PemFile(const char* path) {
        std::vector<std::uint8_t> text;
        if (!read(path, text)) {
            std::perror(path);
            return;
        }
        der_.resize(ussl::pem::max_der_size(text.size()));
        ussl::MutableBytes room = der_;
        ussl::pem::Reader reader(text);
        ussl::pem::Block block;
        ussl::Err code = reader.next(room, block);
        for (; code == ussl::Err::none && !block.label.empty(); code = reader.next(room, block)) {
            if (block.label == "CERTIFICATE") certificates_.push_back(block.der);
            room = room.subspan(block.der.size());
        }
        if (code != ussl::Err::none) certificates_.clear(); // all or nothing
        if (certificates_.empty())
            std::fprintf(stderr, "%s: %s\n", path,
                         code == ussl::Err::none ? "no certificates (PEM)"
                                                 : ussl::message(code).data());
    }
    PemFile(const PemFile&) = delete; // the certificates point into it
    PemFile& operator=(const PemFile&) = delete;

    std::span<const ussl::Bytes> certificates() const { return certificates_; }

private:
    static bool read(const char* path, std::vector<std::uint8_t>& text) {
        std::FILE* file = std::fopen(path, "rb");
        if (file == nullptr) return false;
        std::uint8_t piece[4096];
        while (const std::size_t count = std::fread(piece, 1, sizeof piece, file))
            text.insert(text.end(), piece, piece + count);
        const bool complete = std::ferror(file) == 0;
        std::fclose(file);
        return complete;
    }

    std::vector<std::uint8_t> der_;
    std::vector<ussl::Bytes> certificates_;
};

#endif
