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

TEST_CASE("blocks are found, whatever surrounds them") {
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
         "a\n" + text_one + "# comment: -- \n" + text_two + "c",
         {one, two}},
        {"CRLF", replaced(text_one + text_two, "\n", "\r\n"), {one, two}},
        {"CR", replaced(text_one + text_two, "\n", "\r"), {one, two}},
        {"byte order mark", "\xef\xbb\xbf" + text_one, {one}},
        {"white space round the boundaries", replaced(text_two, "-----\n", "----- \t\n "), {two}},
        {"indented", "  " + replaced(text_two, "\n", "\n\t"), {two}},
        {"no line break between two blocks",
         text_one.substr(0, text_one.size() - 1) + text_two,
         {one, two}},
        {"a block that is commented out",
         replaced("\n" + text_one, "\n", "\n#") + '\n' + text_two,
         {two}},
        {"one that is quoted", replaced("\n" + text_one, "\n", "\n> ") + '\n' + text_two, {two}},
        {"a sentence that names the boundaries",
         "Paste it here, with -----BEGIN X----- and -----END X-----\n" + text_two,
         {two}},
        {"a line that begins with one", "-----BEGIN X----- is the first line.\n" + text_two, {two}},
        {"a line that begins and ends with one",
         "-----BEGIN X----- to -----END X-----\n" + text_two,
         {two}},
        {"a comment behind", text_two + "Comment: -----BEGIN is how a block starts\n", {two}},
        {"no label", "-----BEGIN -----\n-----BEGIN-----\n" + text_two, {two}},
        {"dashes too many", "------BEGIN Y-----\n-----BEGIN Y------\n" + text_two, {two}},
        {"a label with a dash", replaced(text_two, "X--", "X-Y Z--"), {{"X-Y Z", "abcd"}}},
        {"NUL at the end", text_one + '\0', {one}},
        {"NUL between", text_one + '\0' + text_two, {one, two}},
        {"no line break at the end", text_one.substr(0, text_one.size() - 1), {one}},
        {"no line breaks at all", replaced(text_one, "\n", ""), {}},
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
        {"another block within", replaced(text_two, "YWJj", text_one + "YWJj")},
        {"text behind the end", replaced(text_two, "END X-----", "END X----- end")},
        {"a block behind the end that is none",
         replaced(text_two, "END X-----", "END X----------BEGIN")},
        {"end mark cut", text_two.substr(0, text_two.size() - 3)},
        {"character that is not base64", replaced(text_two, "YWJj", "YW*j")},
        {"NUL in the base64", replaced(text_two, "YWJj", std::string_view("YW\0j", 4))},
        {"a character missing", replaced(text_two, "YWJjZA==", "YWJjZA=")},
        {"three characters of padding", replaced(text_two, "YWJjZA==", "YWJjZ===")},
        {"a group of padding", replaced(text_two, "YWJjZA==", "YWJj====")},
        {"data after padding", replaced(text_two, "YWJjZA==", "YWJjZA==YWJj")},
        {"padding in the middle of a group", replaced(text_two, "YWJjZA==", "YWJjZ=A=")},
        {"empty", replaced(text_two, "YWJjZA==", "")},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.what));
        std::vector<Block> blocks;
        CHECK(decode(text_one + row.text, blocks) == Err::bad_pem);
        CHECK(blocks == std::vector{one});
    }
}

TEST_CASE("unwanted blocks need not be decoded") {
    const std::string encrypted = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                                  "DEK-Info: AES-128-CBC,00\n\nYWJj\n"
                                  "-----END EC PRIVATE KEY-----\n";
    const std::string signature = "-----BEGIN PGP SIGNATURE-----\n\nYWJj\n=abcd\n"
                                  "-----END PGP SIGNATURE-----\n";
    const struct {
        std::string text;
        bool encrypted;
        Err decoded;
    } rows[] = {
        {encrypted, true, Err::encrypted_private_key},
        {replaced(encrypted, "\n", "\r\n"), true, Err::encrypted_private_key},
        {signature, false, Err::bad_pem},
        {text_two, false, Err::none},
    };
    for (const auto& row : rows) {
        const std::string text = row.text + text_one;
        INFO(row.text);
        pem::Reader reader(as_bytes(text));
        pem::Block block;
        std::uint8_t buffer[64];
        CHECK(reader.next(block) == Err::none);
        CHECK(block.encrypted == row.encrypted);
        CHECK(block.der.empty());
        CHECK(pem::decode(buffer, block) == row.decoded);
        CHECK(block.der.empty() == (row.decoded != Err::none));
        CHECK(reader.next(block) == Err::none);
        CHECK(block.label == "CERTIFICATE");
        CHECK(pem::decode(buffer, block) == Err::none);
        CHECK(reader.next(block) == Err::none);
        CHECK(block.label.empty());
    }
    // The decoder also skips encrypted blocks as it goes.
    std::vector<Block> blocks;
    CHECK(decode(encrypted + text_one, blocks) == Err::none);
    CHECK(blocks == std::vector{Block{"EC PRIVATE KEY", ""}, one});
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
            CHECK((error == Err::bad_pem || size < sizeof "-----BEGIN CERTIFICATE-----" - 1));
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
    CHECK(pem::is_pem(as_bytes(text_one.substr(0, 40))));
    CHECK_FALSE(pem::is_pem(as_bytes("#" + text_one)));
    CHECK_FALSE(pem::is_pem(test::file("ca.der")));
    CHECK_FALSE(pem::is_pem({}));
}
