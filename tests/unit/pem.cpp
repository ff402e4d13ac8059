// PEM (RFC 7468): what is decoded, what is skipped, what is refused.
#include "support/doctest.hpp"
#include "support/material.hpp"

#include "ussl/pem.hpp"

#include <string>
#include <vector>

using namespace ussl;
using test::Blob;
using namespace std::literals;

namespace {

struct Block {
    std::string label, der;
    bool operator==(const Block&) const = default;
};

// All blocks up to the first error, and that error.
Err decode(std::string_view text, std::vector<Block>& blocks, std::size_t buffer_size = 4096) {
    pem::Reader reader(as_bytes(text));
    std::vector<std::uint8_t> buffer(buffer_size);
    for (;;) {
        pem::Block block;
        const Err error = reader.next(buffer, block);
        if (error != Err::none || block.label.empty()) return error;
        blocks.push_back(
            {std::string(block.label), std::string(block.der.begin(), block.der.end())});
    }
}

const Block one{"CERTIFICATE", "\x30\x00"s}, two{"X", "abcd"};
const std::string text_one = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
const std::string text_two = "-----BEGIN X-----\nYWJjZA==\n-----END X-----\n";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

} // namespace

TEST_CASE("blocks are found whatever stands round them") {
    const struct {
        const char* what;
        std::string text;
        std::vector<Block> blocks;
    } rows[] = {
        {"nothing", "", {}},
        {"no block", "just text\n", {}},
        {"one block", text_one, {one}},
        {"two blocks", text_one + text_two, {one, two}},
        {"text before, between and after",
         "a\n" + text_one + "# comment: -- \nb" + text_two + "c",
         {one, two}},
        {"CRLF", replaced(text_one + text_two, "\n", "\r\n"), {one, two}},
        {"NUL at the end", text_one + '\0', {one}},
        {"NUL between", text_one + '\0' + text_two, {one, two}},
        {"no line break at the end", text_one.substr(0, text_one.size() - 1), {one}},
        {"no line breaks at all", replaced(text_one, "\n", ""), {one}},
        {"white space in the base64", replaced(text_two, "YWJj", " Y\tW \n\n J j "), {two}},
        {"explanatory text, as OpenSSL writes", "subject=CN = x\n-- \n" + text_two, {two}},
        {"no padding needed", "-----BEGIN X-----\nYWJj\n-----END X-----", {{"X", "abc"}}},
        {"all characters", "-----BEGIN X-----\n+/+/\n-----END X-----", {{"X", "\xfb\xff\xbf"}}},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.what));
        std::vector<Block> blocks;
        CHECK(decode(row.text, blocks) == Err::none);
        CHECK(blocks == row.blocks);
    }
}

TEST_CASE("damage is bad_pem, and the blocks before it are kept") {
    const struct {
        const char* what;
        std::string text;
    } rows[] = {
        {"no end mark", "-----BEGIN X-----\nYWJjZA==\n"},
        {"another label at the end", replaced(text_two, "END X", "END Y")},
        {"label not ended", "-----BEGIN X\nYWJjZA==\n-----END X-----\n"},
        {"end mark cut", text_two.substr(0, text_two.size() - 3)},
        {"character that is not base64", replaced(text_two, "YWJj", "YW*j")},
        {"NUL in the base64", replaced(text_two, "YWJj", std::string_view("YW\0j", 4))},
        {"a character missing", replaced(text_two, "YWJjZA==", "YWJjZA=")},
        {"three characters of padding", replaced(text_two, "YWJjZA==", "YWJjZ===")},
        {"a group of padding", replaced(text_two, "YWJjZA==", "YWJj====")},
        {"data after padding", replaced(text_two, "YWJjZA==", "YWJjZA==YWJj")},
        {"padding in the middle of a group", replaced(text_two, "YWJjZA==", "YWJjZ=A=")},
        {"empty", replaced(text_two, "YWJjZA==", "")},
        {"encrypted", "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
                      "AES-256-CBC,00\n\nYWJj\n-----END X-----"},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.what));
        std::vector<Block> blocks;
        CHECK(decode(text_one + row.text, blocks) == Err::bad_pem);
        CHECK(blocks == std::vector{one});
    }
}

TEST_CASE("every cut of a PEM text gives nothing, an error, or the whole block") {
    const Blob& text = test::file("ca.pem");
    const Blob& der = test::file("ca.der");
    const std::string_view whole(reinterpret_cast<const char*>(text.data()), text.size());
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        std::vector<Block> blocks;
        const Err error = decode(whole.substr(0, size), blocks);
        INFO("cut at ", size);
        if (blocks.empty())
            CHECK((error == Err::bad_pem || size < sizeof "-----BEGIN " - 1));
        else
            CHECK(equal(as_bytes(blocks[0].der), der));
    }
}

TEST_CASE("a buffer that is too small is no_memory, and max_der_size() always suffices") {
    std::vector<Block> blocks;
    CHECK(decode(text_two, blocks, 3) == Err::no_memory);
    CHECK(decode(text_two, blocks, 4) == Err::none);
    CHECK(decode(text_two, blocks, pem::max_der_size(text_two.size())) == Err::none);
}

TEST_CASE("the bundle's blocks are all there") { CHECK(test::from_pem("bundle.pem").size() == 32); }

TEST_CASE("is_pem() tells PEM from DER") {
    CHECK(pem::is_pem(as_bytes(text_one)));
    CHECK(pem::is_pem(as_bytes("text\n" + text_one)));
    CHECK_FALSE(pem::is_pem(test::file("ca.der")));
    CHECK_FALSE(pem::is_pem({}));
}
