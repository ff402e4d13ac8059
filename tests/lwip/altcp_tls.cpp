// lwIP's altcp_tls on ussl: lwIP's own programs, and every use of the interface.
#include "lwip/network.hpp"
#include "support/doctest.hpp"
#include "support/heap.hpp"
#include "support/material.hpp"

#include "ussl_lwip.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lwip/altcp_tcp.h"
#include "lwip/apps/http_client.h"
#include "lwip/apps/httpd.h"
#include "lwip/memp.h"

using namespace ussl::test;

namespace {

ip_addr_t own_address() {
    ip_addr_t address;
    IP_ADDR4(&address, network::address[0], network::address[1], network::address[2],
             network::address[3]);
    return address;
}

using Config = std::unique_ptr<altcp_tls_config, decltype(&altcp_tls_free_config)>;

Config owned(altcp_tls_config* config) { return {config, altcp_tls_free_config}; }

Config server(const std::string& leaf = "p256") {
    const Blob &chain = file(leaf + ".crt.pem"), &key = file(leaf + ".key.pem");
    return owned(altcp_tls_create_config_server_privkey_cert(key.data(), key.size(), nullptr, 0,
                                                             chain.data(), chain.size()));
}

// A server with the settings of ussl.h.
struct Settings {
    std::vector<ussl_bytes> chain;
    ussl_config settings{};

    Settings() {
        const ussl::Credential& own = credential("p256");
        for (const ussl::Bytes certificate : own.chain)
            chain.push_back({certificate.data(), certificate.size()});
        settings.struct_size = sizeof settings;
        settings.role = USSL_ROLE_SERVER;
        settings.verify = USSL_VERIFY_NONE;
        settings.credential.chain = chain.data();
        settings.credential.chain_count = chain.size();
        settings.credential.private_key = {own.private_key.data(), own.private_key.size()};
    }
    Config config() const {
        return owned(ussl_lwip_create_config(&settings, ussl_posix_environment()));
    }
};

Config client(const char* name = "localhost", const std::string& ca = "ca") {
    const ussl::Bytes anchor = anchors({ca})[0];
    Config config = owned(altcp_tls_create_config_client(anchor.data(), anchor.size()));
    if (config) ussl_lwip_set_name(config.get(), name);
    return config;
}

void start(unsigned loss = 0) {
    network::reset(loss);
    ussl_lwip_set_environment(ussl_posix_environment());
}

// One end of a connection, which records its callbacks.
struct End {
    altcp_pcb* pcb = nullptr;
    std::string received;
    std::size_t written = 0, sent = 0, polled = 0;
    bool connected = false, ended = false, failed = false;
    err_t error = ERR_OK;
    ussl_error why{};
    bool takes = true;    // otherwise refuses data
    bool is_slow = false; // accepts data, and does not call altcp_recved()
    std::string to_write;
    std::function<err_t(End&)> on_data; // instead of ERR_OK

    End() = default;
    End(const End&) = delete;
    End& operator=(const End&) = delete;
    ~End() {
        if (pcb != nullptr) altcp_abort(pcb);
    }

    void use(altcp_pcb* own) {
        pcb = own;
        altcp_arg(own, this);
        altcp_recv(own, [](void* arg, altcp_pcb*, pbuf* p, err_t) { return self(arg).on_recv(p); });
        altcp_sent(own, [](void* arg, altcp_pcb*, u16_t size) {
            self(arg).sent += size;
            self(arg).write_more();
            return err_t{ERR_OK};
        });
        altcp_err(own, [](void* arg, err_t told) {
            self(arg).pcb = nullptr;
            self(arg).failed = true;
            self(arg).error = told;
            self(arg).why = ussl_lwip_error();
        });
        altcp_poll(
            own,
            [](void* arg, altcp_pcb*) {
                self(arg).polled++;
                self(arg).write_more();
                return err_t{ERR_OK};
            },
            4);
    }

    err_t connect(u16_t port) {
        const ip_addr_t address = own_address();
        return altcp_connect(pcb, &address, port, [](void* arg, altcp_pcb*, err_t) {
            self(arg).connected = true;
            self(arg).write_more();
            return err_t{ERR_OK};
        });
    }

    void write(std::string text) {
        to_write += text;
        write_more();
    }
    void write_more() {
        while (pcb != nullptr && !to_write.empty()) {
            const auto size =
                static_cast<u16_t>(std::min<std::size_t>(to_write.size(), altcp_sndbuf(pcb)));
            if (size == 0 || altcp_write(pcb, to_write.data(), size, TCP_WRITE_FLAG_COPY) != ERR_OK)
                break;
            to_write.erase(0, size);
            written += size;
        }
        if (pcb != nullptr && written != sent) altcp_output(pcb);
    }
    err_t close() { return altcp_close(std::exchange(pcb, nullptr)); }
    void abort() { altcp_abort(pcb); } // the err callback reports that it is freed

    void done_with(std::size_t size) {
        for (; size > 0xFFFF; size -= 0xFFFF)
            altcp_recved(pcb, 0xFFFF);
        altcp_recved(pcb, static_cast<u16_t>(size));
    }

private:
    static End& self(void* arg) { return *static_cast<End*>(arg); }

    err_t on_recv(pbuf* p) {
        if (p == nullptr) {
            ended = true;
            return ERR_OK;
        }
        if (!takes) return ERR_MEM;
        std::string text(p->tot_len, '\0');
        pbuf_copy_partial(p, text.data(), p->tot_len, 0);
        received += text;
        if (!is_slow) altcp_recved(pcb, p->tot_len);
        pbuf_free(p);
        return on_data ? on_data(*this) : err_t{ERR_OK};
    }
};

// Accepts connections; each gets the waiting end.
struct Listener {
    altcp_pcb* pcb;
    End* next = nullptr;
    unsigned accepted = 0;

    Listener(altcp_tls_config* config, u16_t port)
        : Listener(altcp_tls_new(config, IPADDR_TYPE_V4), port) {}
    Listener(altcp_pcb* own, u16_t port) {
        REQUIRE(own != nullptr);
        REQUIRE(altcp_bind(own, IP_ADDR_ANY, port) == ERR_OK);
        pcb = altcp_listen(own);
        REQUIRE(pcb != nullptr);
        altcp_arg(pcb, this);
        altcp_accept(pcb, [](void* arg, altcp_pcb* conn, err_t error) {
            auto& self = *static_cast<Listener*>(arg);
            if (error != ERR_OK || self.next == nullptr) return err_t{ERR_VAL};
            self.accepted++;
            std::exchange(self.next, nullptr)->use(conn);
            return err_t{ERR_OK};
        });
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() { altcp_close(pcb); }
};

// A client and a server, and the connection between them.
struct Pair {
    static inline u16_t next_port = 4433; // earlier ones are in TIME_WAIT
    const u16_t port = next_port++;
    Config of_server, of_client;
    Listener listener;
    End near, far; // the client, the server

    explicit Pair(unsigned loss = 0, Config server_config = owned(nullptr),
                  Config client_config = owned(nullptr))
        : of_server((start(loss), server_config ? std::move(server_config) : server())),
          of_client(client_config ? std::move(client_config) : client()),
          listener(of_server.get(), port) {
        listener.next = &far;
        open(near);
    }
    void open(End& end) {
        end.use(altcp_tls_new(of_client.get(), IPADDR_TYPE_V4));
        REQUIRE(end.pcb != nullptr);
        REQUIRE(end.connect(port) == ERR_OK);
    }
    // Both handshakes are complete.
    bool establish() {
        far.write("welcome");
        return network::run_until(
                   [this] { return near.failed || far.failed || near.received == "welcome"; }) &&
               !near.failed && !far.failed;
    }
    static bool until(const std::function<bool()>& done, unsigned seconds = 120) {
        return network::run_until(done, seconds);
    }
};

std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i != size; i++)
        text[i] = static_cast<char>(i * 7 + i / 251);
    return text;
}

// Whether all memory from lwIP and the libraries is freed at the end of a test.
struct NothingLeft {
    network::Use before = (start(), network::run_for(180), network::use());
    std::size_t blocks = heap::live_blocks();
    bool holds() const {
        network::run_for(180); // TIME_WAIT holds no counted memory, but packets in transit may
        return network::use() == before && heap::live_blocks() == blocks;
    }
};

struct Download {
    altcp_allocator_t allocator{};
    httpc_connection_t settings{};
    std::string body;
    bool done = false;
    httpc_result_t result = HTTPC_RESULT_OK;
    u32_t status = 0;
    ussl_error why{};
};

void fetch(Download& download, altcp_tls_config* config, const char* path) {
    download.allocator = {altcp_tls_alloc, config};
    httpc_connection_t& settings = download.settings;
    settings.altcp_allocator = &download.allocator;
    settings.result_fn = [](void* arg, httpc_result_t result, u32_t, u32_t status, err_t) {
        auto& self = *static_cast<Download*>(arg);
        self.done = true;
        self.result = result;
        self.status = status;
        self.why = ussl_lwip_error();
    };
    const ip_addr_t address = own_address();
    httpc_state_t* state = nullptr;
    REQUIRE(httpc_get_file(
                &address, 443, path, &settings,
                [](void* arg, altcp_pcb* pcb, pbuf* p, err_t) {
                    std::string text(p->tot_len, '\0');
                    pbuf_copy_partial(p, text.data(), p->tot_len, 0);
                    static_cast<Download*>(arg)->body += text;
                    altcp_recved(pcb, p->tot_len);
                    pbuf_free(p);
                    return err_t{ERR_OK};
                },
                &download, &state) == ERR_OK);
}

} // namespace

TEST_CASE("httpd and http_client") {
    start();
    // httpd listens forever: its configuration is never freed.
    static altcp_tls_config* const of_httpd = [] {
        altcp_tls_config* config = server().release();
        httpd_inits(config);
        return config;
    }();
    REQUIRE(of_httpd != nullptr);
    for (const unsigned loss : {0U, 20U, 10U}) {
        CAPTURE(loss);
        start(loss);
        const Config config = client();
        REQUIRE(config);
        Download page;
        fetch(page, config.get(), "/index.html");
        CHECK(network::run_until([&] { return page.done; }));
        CHECK(page.result == HTTPC_RESULT_OK);
        CHECK(page.status == 200);
        CHECK(page.body.find("lwIP") != std::string::npos);
        Download file;
        fetch(file, config.get(), "/long");
        CHECK(network::run_until([&] { return file.done; }, 600));
        CHECK(file.result == HTTPC_RESULT_OK);
        CHECK(file.body == pattern(100000));
    }
    start();
    const Config stranger = client("localhost", "other-ca");
    Download refused;
    fetch(refused, stranger.get(), "/index.html");
    CHECK(network::run_until([&] { return refused.done; }));
    CHECK(refused.result != HTTPC_RESULT_OK);
    CHECK(refused.why.code == USSL_ERR_UNTRUSTED);
    CHECK(refused.body.empty());
}

TEST_CASE("written data arrives, and the sent callback counts it") {
    for (const unsigned loss : {0U, 10U}) {
        CAPTURE(loss);
        const NothingLeft nothing_left;
        {
            Pair pair(loss);
            REQUIRE(pair.establish());
            CHECK(pair.near.connected);
            network::cut(true);
            pair.near.write("lost at first");
            network::run_for(2);
            CHECK(pair.near.sent == 0);
            network::cut(false);
            CHECK(Pair::until([&] { return pair.near.sent == 13; }));
            const std::string up = pattern(70000), down = pattern(50001);
            pair.near.write(up);
            pair.far.write(down);
            CHECK(Pair::until(
                [&] {
                    CHECK(pair.near.sent <= pair.near.written);
                    return pair.near.sent == 13 + up.size() && pair.far.sent == 7 + down.size();
                },
                600));
            CHECK(pair.far.received.size() == 13 + up.size());
            CHECK(pair.far.received == "lost at first" + up);
            CHECK(pair.near.received == "welcome" + down);
            pair.near.close();
            CHECK(Pair::until([&] { return pair.far.ended; }));
            pair.far.close();
            CHECK_FALSE(pair.near.failed);
            CHECK_FALSE(pair.far.failed);
        }
        CHECK(nothing_left.holds());
    }
}

TEST_CASE("data written before close arrives") {
    const NothingLeft nothing_left;
    for (const unsigned loss : {0U, 6U}) {
        CAPTURE(loss);
        Pair pair(loss);
        REQUIRE(pair.establish());
        pair.near.write(pattern(100000));
        REQUIRE(Pair::until([&] { return pair.near.to_write.empty(); }, 600));
        CHECK(pair.near.close() == ERR_OK);
        CHECK(Pair::until([&] { return pair.far.ended; }, 600));
        CHECK(pair.far.received == pattern(100000));
        CHECK_FALSE(pair.far.failed);
        pair.far.close();
    }
    CHECK(nothing_left.holds());
}

TEST_CASE("a program may close or abort within a callback") {
    const NothingLeft nothing_left;
    for (const bool aborts : {false, true}) {
        CAPTURE(aborts);
        Pair pair;
        pair.far.on_data = [aborts](End& end) {
            if (!aborts) return end.close();
            end.abort();
            return err_t{ERR_ABRT};
        };
        REQUIRE(pair.establish());
        pair.near.write("go away");
        CHECK(Pair::until([&] { return pair.near.ended || pair.near.failed; }));
        CHECK(pair.near.failed == aborts);
        if (aborts) {
            CHECK(pair.near.error == ERR_RST);
            CHECK(pair.near.why.code == USSL_ERR_NONE);
            CHECK(pair.far.error == ERR_ABRT);
        }
    }
    CHECK(nothing_left.holds());
}

TEST_CASE("both sides close at once, or in the handshake") {
    const NothingLeft nothing_left;
    {
        Pair pair;
        REQUIRE(pair.establish());
        pair.near.close();
        pair.far.close();
    }
    network::run_for(10);
    {
        Pair pair;
        pair.near.close();
    }
    network::run_for(10);
    {
        Pair pair;
        REQUIRE(Pair::until([&] { return pair.far.pcb != nullptr; }));
        pair.near.close();
        CHECK(Pair::until([&] { return pair.far.failed; }));
        CHECK(pair.far.error == ERR_CLSD);
        CHECK(pair.far.why.code == USSL_ERR_TRUNCATED);
    }
    {
        Pair pair;
        REQUIRE(Pair::until([&] { return pair.far.pcb != nullptr; }));
        pair.far.abort();
        CHECK(Pair::until([&] { return pair.near.failed; }));
        CHECK(pair.near.error == ERR_RST);
    }
    CHECK(nothing_left.holds());
}

TEST_CASE("a TCP end without close_notify is an error") {
    const NothingLeft nothing_left;
    {
        Pair pair;
        REQUIRE(pair.establish());
        pair.near.write("not all of it");
        REQUIRE(Pair::until([&] { return !pair.far.received.empty(); }));
        altcp_shutdown(pair.near.pcb->inner_conn, 0, 1); // below TLS, as by an attacker
        CHECK(Pair::until([&] { return pair.far.failed; }));
        CHECK_FALSE(pair.far.ended);
        CHECK(pair.far.error == ERR_ABRT);
        CHECK(pair.far.why.code == USSL_ERR_TRUNCATED);
    }
    CHECK(nothing_left.holds());
}

TEST_CASE("a damaged record, and a peer that does not speak TLS") {
    const NothingLeft nothing_left;
    {
        Pair pair;
        REQUIRE(pair.establish());
        static const char record[] = "\x17\x03\x03\x00\x20 0123456789abcdef0123456789abcdef";
        altcp_write(pair.near.pcb->inner_conn, record, sizeof record - 1, TCP_WRITE_FLAG_COPY);
        altcp_output(pair.near.pcb->inner_conn);
        CHECK(Pair::until([&] { return pair.far.failed && pair.near.failed; }));
        CHECK(pair.far.why.code == USSL_ERR_BAD_RECORD);
        CHECK(pair.near.why.code == USSL_ERR_PEER_ALERT);
    }
    {
        Pair pair;
        End plain, served;
        pair.near.abort();
        REQUIRE(pair.listener.next == &pair.far);
        plain.use(altcp_tcp_new_ip_type(IPADDR_TYPE_V4));
        REQUIRE(plain.connect(pair.port) == ERR_OK);
        plain.write("GET / HTTP/1.0\r\n\r\n");
        CHECK(Pair::until([&] { return pair.far.failed; }));
        CHECK(pair.far.why.code == USSL_ERR_NOT_TLS);
        CHECK(pair.far.error == ERR_CLSD);
        CHECK(Pair::until([&] { return plain.ended; }));
    }
    CHECK(nothing_left.holds());
}

TEST_CASE("an invalid certificate") {
    const NothingLeft nothing_left;
    struct Row {
        const char* name;
        const char* ca;
        std::uint16_t code;
    };
    for (const Row& row : {Row{"localhost", "other-ca", USSL_ERR_UNTRUSTED},
                           Row{"example.org", "ca", USSL_ERR_WRONG_HOST},
                           Row{"192.0.2.99", "ca", USSL_ERR_WRONG_HOST}}) {
        CAPTURE(row.name);
        Pair pair(0, owned(nullptr), client(row.name, row.ca));
        CHECK(Pair::until([&] { return pair.near.failed && pair.far.failed; }));
        CHECK(pair.near.error == ERR_CLSD);
        CHECK(pair.near.why.code == row.code);
        CHECK(pair.far.why.code == USSL_ERR_PEER_ALERT);
        CHECK_FALSE(pair.near.connected);
    }
    {
        Pair pair(0, owned(nullptr), client("example.org"));
        End own_name;
        pair.near.abort();
        own_name.use(altcp_tls_new(pair.of_client.get(), IPADDR_TYPE_V4));
        CHECK(ussl_lwip_set_peer_name(own_name.pcb, "localhost") == ERR_OK);
        CHECK(own_name.connect(pair.port) == ERR_OK);
        CHECK(Pair::until([&] { return own_name.connected; }));
    }
    CHECK(nothing_left.holds());
}

TEST_CASE("invalid settings, and their errors") {
    const NothingLeft nothing_left;
    start();
    const ussl::Credential& own = credential("p256");
    CHECK(altcp_tls_create_config_client(nullptr, 0) == nullptr);
    CHECK(ussl_lwip_error().code == USSL_ERR_NO_TRUST_ANCHORS);
    static const u8_t no_certificate[] = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    CHECK(altcp_tls_create_config_client(no_certificate, sizeof no_certificate) == nullptr);
    CHECK(ussl_lwip_error().code == USSL_ERR_BAD_PEM);
    {
        const Config nameless = client(nullptr);
        End end;
        end.use(altcp_tls_new(nameless.get(), IPADDR_TYPE_V4));
        CHECK(end.connect(4433) == ERR_VAL);
        CHECK(ussl_lwip_error().code == USSL_ERR_NO_SERVER_NAME);
        CHECK_FALSE(end.failed);
    }
    CHECK(altcp_tls_create_config_server_privkey_cert(
              own.private_key.data(), own.private_key.size(), own.chain[0].data(), 4,
              own.chain[0].data(), own.chain[0].size()) == nullptr);
    CHECK(ussl_lwip_error().code == USSL_ERR_ENCRYPTED_PRIVATE_KEY);
    const ussl::Bytes other = credential("client").private_key;
    CHECK(altcp_tls_create_config_server_privkey_cert(other.data(), other.size(), nullptr, 0,
                                                      own.chain[0].data(),
                                                      own.chain[0].size()) == nullptr);
    CHECK(ussl_lwip_error().code == USSL_ERR_KEY_MISMATCH);
    const Config empty = owned(altcp_tls_create_config_server(1));
    CHECK(altcp_tls_new(empty.get(), IPADDR_TYPE_V4) == nullptr);
    CHECK(ussl_lwip_error().code == USSL_ERR_NO_CERTIFICATE);
    ussl_lwip_set_environment(nullptr);
    const ussl::Bytes anchor = anchors({"ca"})[0];
    CHECK(altcp_tls_create_config_client(anchor.data(), anchor.size()) == nullptr);
    CHECK(ussl_lwip_error().code == USSL_ERR_NO_RANDOMNESS);
    start();
    std::vector<Config> all;
    while (Config one = client())
        all.push_back(std::move(one));
    CHECK(all.size() == USSL_LWIP_CONFIGS - 2); // httpd has one, and `empty` is one
    CHECK(ussl_lwip_error().code == USSL_ERR_NO_MEMORY);
}

TEST_CASE("a program that reads slowly slows the sender down") {
    const NothingLeft nothing_left;
    // It accepts the bytes and does not report them as processed; or it does not accept them.
    for (const bool takes : {true, false}) {
        CAPTURE(takes);
        Pair pair;
        REQUIRE(pair.establish());
        pair.far.is_slow = true;
        pair.far.takes = takes;
        const std::string text = pattern(200000);
        pair.near.write(text);
        network::run_for(30);
        // TCP's window, a record beyond it, and the other side's queue.
        CHECK(pair.near.written <= TCP_WND + 16384 + 2 * TCP_SND_BUF);
        CHECK(pair.far.received.size() <= TCP_WND + 16384);
        CHECK((pair.far.received.size() != 0) == takes);
        const std::size_t written = pair.near.written;
        network::run_for(60);
        CHECK(pair.near.written == written);
        pair.far.takes = true;
        pair.far.is_slow = false;
        pair.far.done_with(pair.far.received.size());
        CHECK(Pair::until([&] { return pair.far.received.size() == text.size(); }, 600));
        CHECK(pair.far.received == text);
        pair.near.close();
        CHECK(Pair::until([&] { return pair.far.ended; }));
        pair.far.close();
    }
    CHECK(nothing_left.holds());
}

TEST_CASE("connections up to the limit") {
    const NothingLeft nothing_left;
    {
        Pair pair; // two of four
        REQUIRE(pair.establish());
        End second, third;
        pair.open(second);
        pair.open(third);
        CHECK(altcp_tls_new(pair.of_client.get(), IPADDR_TYPE_V4) == nullptr);
        CHECK(ussl_lwip_error().code == USSL_ERR_NO_MEMORY);
        CHECK(Pair::until([&] { return second.failed && third.failed; })); // the server has no room
        CHECK(second.error == ERR_RST);
    }
    CHECK(nothing_left.holds());
}

TEST_CASE("out of memory") {
    const NothingLeft nothing_left;
    // Allocations of the libraries: a single one fails, or all from one on.
    std::size_t last = 0;
    for (std::size_t n = 1; last == 0 || n <= last; n += 1 + n / 3) {
        CAPTURE(n);
        Pair pair;
        heap::fail_from(n);
        const bool established = pair.establish();
        last = heap::allocations();
        heap::fail_never();
        if (established || n > last) continue;
        CHECK((pair.near.failed || pair.far.failed));
        for (const End* end : {&pair.near, &pair.far}) {
            if (end->failed && end->why.code != USSL_ERR_NONE)
                CHECK((end->why.code == USSL_ERR_NO_MEMORY ||
                       end->why.code == USSL_ERR_PEER_ALERT ||
                       end->why.code == USSL_ERR_TRUNCATED));
        }
    }
    // lwIP's own memory: its heap, its buffers, its layers. Data in transit wait, and continue.
    {
        Pair pair;
        REQUIRE(pair.establish());
        std::vector<void*> hoard;
        for (mem_size_t size = 4096; size >= 16; size /= 2)
            while (void* piece = mem_malloc(size))
                hoard.push_back(piece);
        std::vector<pbuf*> buffers;
        while (pbuf* buffer = pbuf_alloc(PBUF_RAW, PBUF_POOL_BUFSIZE, PBUF_POOL))
            buffers.push_back(buffer);
        pair.near.write(pattern(30000));
        network::run_for(10);
        CHECK(pair.far.received.empty());
        for (void* piece : hoard)
            mem_free(piece);
        for (pbuf* buffer : buffers)
            pbuf_free(buffer);
        CHECK(Pair::until([&] { return pair.far.received.size() == 30000; }, 600));
        CHECK(pair.far.received == pattern(30000));
    }
    CHECK(nothing_left.holds());
}

TEST_CASE("a silent peer") {
    const NothingLeft nothing_left;
    {
        Pair pair; // the client of the server sends nothing
        pair.near.abort();
        End mute;
        mute.use(altcp_tcp_new_ip_type(IPADDR_TYPE_V4));
        REQUIRE(mute.connect(pair.port) == ERR_OK);
        REQUIRE(Pair::until([&] { return pair.far.pcb != nullptr; }));
        network::run_for(USSL_LWIP_HANDSHAKE_SECONDS - 5);
        CHECK_FALSE(pair.far.failed);
        CHECK(Pair::until([&] { return pair.far.failed; }, 10));
        CHECK(pair.far.why.code == USSL_ERR_HANDSHAKE_TIMEOUT);
        CHECK(pair.far.error == ERR_CLSD);
        CHECK(Pair::until([&] { return mute.ended; }));
    }
    {
        Pair pair; // a peer that takes no more bytes after close
        REQUIRE(pair.establish());
        pair.far.takes = false;
        pair.near.write(pattern(100000));
        network::run_for(10);
        network::cut(true);
        pair.near.to_write.clear();
        pair.near.close();
        network::run_for(USSL_LWIP_CLOSE_SECONDS + 5);
        pair.far.abort();
    }
    CHECK(nothing_left.holds());
}

TEST_CASE("the poll callback comes at the requested interval") {
    const NothingLeft nothing_left;
    {
        Pair pair;
        REQUIRE(pair.establish());
        const std::size_t before = pair.near.polled; // each 4 half seconds
        network::run_for(100);
        CHECK(pair.near.polled - before >= 48);
        CHECK(pair.near.polled - before <= 51);
    }
    CHECK(nothing_left.holds());
}

TEST_CASE("sessions are resumed") {
    const NothingLeft nothing_left;
    {
        start();
        Settings of_server;
        of_server.settings.resumption = true;
        Pair pair(0, of_server.config());
        altcp_tls_session kept, none;
        altcp_tls_init_session(&kept);
        altcp_tls_init_session(&none);
        CHECK(altcp_tls_get_session(pair.near.pcb, &kept) == ERR_VAL);
        REQUIRE(pair.establish());
        CHECK_FALSE(ussl_session_is_resumed(ussl_lwip_session(pair.near.pcb)));
        REQUIRE(altcp_tls_get_session(pair.near.pcb, &kept) == ERR_OK);
        pair.near.close();
        CHECK(Pair::until([&] { return pair.far.ended; }));
        pair.far.close();

        End again, served;
        pair.listener.next = &served;
        again.use(altcp_tls_new(pair.of_client.get(), IPADDR_TYPE_V4));
        CHECK(altcp_tls_set_session(again.pcb, &none) == ERR_VAL);
        CHECK(altcp_tls_set_session(again.pcb, &kept) == ERR_OK);
        REQUIRE(again.connect(pair.port) == ERR_OK);
        CHECK(Pair::until([&] { return again.connected || again.failed; }));
        REQUIRE_FALSE(again.failed);
        CHECK(ussl_session_is_resumed(static_cast<ussl_session*>(altcp_tls_context(again.pcb))));
        altcp_tls_free_session(&kept);
        CHECK(kept.size == 0);
    }
    CHECK(nothing_left.holds());
}

TEST_CASE("PEM, certificates of both sides, ALPN, and several certificates") {
    const NothingLeft nothing_left;
    const auto pem = [](const std::string& name) {
        Blob text = file(name);
        text.push_back(0); // as callers of lwIP's own port count it
        return text;
    };
    {
        start();
        Config of_server = owned(altcp_tls_create_config_server(2));
        for (const std::string leaf : {"p256", "rsa"}) {
            CAPTURE(leaf);
            const Blob certificate = pem(leaf + ".crt.pem"),
                       key = pem(leaf + ".key.pem"); // may be freed
            CHECK(altcp_tls_config_server_add_privkey_cert(of_server.get(), key.data(), key.size(),
                                                           nullptr, 0, certificate.data(),
                                                           certificate.size()) == ERR_OK);
        }
        const ussl::Credential& third = credential("p256");
        CHECK(altcp_tls_config_server_add_privkey_cert(
                  of_server.get(), third.private_key.data(), third.private_key.size(), nullptr, 0,
                  third.chain[0].data(), third.chain[0].size()) == ERR_MEM);
        const Blob ca = pem("ca.pem"), certificate = pem("client.crt.pem"),
                   key = pem("client.key.pem");
        Config of_client = owned(altcp_tls_create_config_client_2wayauth(
            ca.data(), ca.size(), key.data(), key.size(), nullptr, 0, certificate.data(),
            certificate.size()));
        REQUIRE(of_client);
        ussl_lwip_set_name(of_client.get(), "localhost");
        const char* names[] = {"mqtt", "http/1.1", "too-many", nullptr};
        CHECK(altcp_tls_configure_alpn_protocols(of_client.get(), names) == USSL_ERR_NO_MEMORY);
        names[2] = nullptr;
        CHECK(altcp_tls_configure_alpn_protocols(of_client.get(), names) == 0);
        CHECK(altcp_tls_configure_alpn_protocols(of_server.get(), names + 1) == 0);
        Pair pair(0, std::move(of_server), std::move(of_client));
        REQUIRE(pair.establish());
        const ussl_bytes alpn = ussl_session_alpn(ussl_lwip_session(pair.near.pcb));
        CHECK(std::string(reinterpret_cast<const char*>(alpn.data), alpn.size) == "http/1.1");
        CHECK(altcp_tls_configure_alpn_protocols(pair.of_client.get(), names) ==
              USSL_ERR_INVALID_STATE);
        // One that is freed while connections use it is destroyed with the last of them.
        pair.of_client.reset();
        pair.near.write("still here");
        CHECK(Pair::until([&] { return pair.far.received == "still here"; }));
    }
    {
        start();
        Settings of_server;
        of_server.settings.verify = USSL_VERIFY_REQUIRED;
        const ussl::Bytes ca = anchors({"ca"})[0];
        const ussl_bytes anchor{ca.data(), ca.size()};
        of_server.settings.trust_anchors = &anchor;
        of_server.settings.trust_anchor_count = 1;
        Pair pair(0, of_server.config()); // this client shows none
        CHECK(Pair::until([&] { return pair.far.failed; }));
        CHECK(pair.far.why.code == USSL_ERR_NO_PEER_CERTIFICATE);
    }
    CHECK(nothing_left.holds());
}
