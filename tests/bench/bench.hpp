// The common part of the measured programs: the same work, done with ussl or with a library's own
// functions. tools/bench runs them and compares.
//
//   bench-… OPERATION COUNT CERTIFICATES [VERSION [CREDENTIAL]]
//
// clang-format off
// OPERATION
//   handshake     COUNT verified handshakes, both ends in this process, with sessions made and freed
//   resumed       the same, each resuming the one before; the first, a full one, is extra
//   data:SIZE     COUNT writes of SIZE plain bytes by the client, each read by the server
//   idle          COUNT connections at once: heap and objects of an end that has nothing to do
// VERSION         1.2 (default) or 1.3
// CREDENTIAL      p256 (default) or rsa2048
//
// Prints `suite XXXX` and `seconds X` or, for idle, `client N`, `server N`, `client-peak N`,
// `server-peak N`: bytes. The counted parts run within measured(), client_part() and server_part(),
// for callgrind's --toggle-collect.
//
// The Stack that run() expects:
//
//   struct Stack {
//       struct Context { Context(const Setup&, bool is_client); };   // opened once
//       struct End {
//           End(Context&, Wire& out, Wire& in);
//           bool handshake();                              // true: complete; else more is to come
//           void write(std::span<const std::uint8_t>);     // all of it
//           std::size_t read(std::span<std::uint8_t>);     // what is there; 0: nothing
//           unsigned suite();                              // IANA number
//           bool resumed();
//           void keep();                                   // for the next End of this Context
//       };
//       static constexpr bool resumes;
//   };
// clang-format on
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

using Blob = std::vector<std::uint8_t>;

[[noreturn]] inline void stop(const char* why, long code = 0) {
    std::fprintf(stderr, "bench: %s (%ld)\n", why, code);
    std::exit(1);
}

inline void require(bool good, const char* what, long code = 0) {
    if (!good) stop(what, code);
}

// One direction of a connection, in memory and never full.
class Wire {
public:
    void put(const void* from, std::size_t size) {
        if (begin_ == end_) begin_ = end_ = 0;
        require(size <= sizeof bytes_ - end_, "the wire is full");
        std::memcpy(bytes_ + end_, from, size);
        end_ += size;
    }
    std::size_t take(void* into, std::size_t size) {
        const std::size_t count = size < end_ - begin_ ? size : end_ - begin_;
        if (count != 0) std::memcpy(into, bytes_ + begin_, count);
        begin_ += count;
        return count;
    }

private:
    std::size_t begin_ = 0, end_ = 0;
    std::uint8_t bytes_[1 << 18];
};

// The settings of both ends. The intermediate is the anchor, so that one certificate is sent and
// one signature on it is checked.
struct Setup {
    Blob anchor, certificate, key; // DER; the key is PKCS#8
    bool tls1_3 = false, is_rsa = false, resumption = false;
    static constexpr std::string_view host = "test.example";
};

// The same random bytes in each run, so that counts are the same. Not for keys that matter.
inline void random_bytes(void* into, std::size_t size) {
    static std::uint64_t state = 0x853c49e6748fea9bu;
    auto* out = static_cast<std::uint8_t*>(into);
    for (std::size_t i = 0; i < size; ++i) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        out[i] = static_cast<std::uint8_t>(state >> 56);
    }
}

// heap_meter.cpp
std::size_t heap_in_use();
std::size_t heap_peak(); // since the last call of either

enum class Step { begin, handshake, write, read, keep, end };

template<class Stack>
struct Side {
    typename Stack::Context context;
    std::unique_ptr<typename Stack::End> end;
    Wire *out, *in;
    bool established = false;
    std::size_t moved = 0;
};

template<class Stack>
inline void take_step(Side<Stack>& side, Step step, std::span<std::uint8_t> data) {
    switch (step) {
    case Step::begin:
        side.end = std::make_unique<typename Stack::End>(side.context, *side.out, *side.in);
        side.established = false;
        break;
    case Step::handshake: side.established = side.end->handshake(); break;
    case Step::write: side.end->write(data); break;
    case Step::read: side.moved = side.end->read(data); break;
    case Step::keep: side.end->keep(); break;
    case Step::end: side.end.reset(); break;
    }
}

template<class Stack>
[[gnu::noinline]] void client_part(Side<Stack>& side, Step step,
                                   std::span<std::uint8_t> data = {}) {
    asm volatile("# client"); // keeps the compiler from merging these two functions
    take_step(side, step, data);
}
template<class Stack>
[[gnu::noinline]] void server_part(Side<Stack>& side, Step step,
                                   std::span<std::uint8_t> data = {}) {
    asm volatile("# server");
    take_step(side, step, data);
}

template<class Stack>
class Bench {
public:
    explicit Bench(const Setup& setup)
        : client_{{setup, true}, nullptr, &up_, &down_},
          server_{{setup, false}, nullptr, &down_, &up_} {}

    void connect() {
        client_part(client_, Step::begin);
        server_part(server_, Step::begin);
        for (int turns = 0; !client_.established || !server_.established; ++turns) {
            require(turns < 20, "the handshake does not end");
            if (!client_.established) client_part(client_, Step::handshake);
            if (!server_.established) server_part(server_, Step::handshake);
        }
    }
    void disconnect() {
        suite_ = client_.end->suite();
        client_part(client_, Step::end);
        server_part(server_, Step::end);
    }

    // A byte in each direction: tickets of TLS 1.3 arrive with it.
    void greet() {
        std::uint8_t byte[1] = {'x'};
        client_part(client_, Step::write, byte);
        receive(server_, 1);
        server_part(server_, Step::write, byte);
        receive(client_, 1);
    }

    void handshakes(std::size_t count) {
        for (; count != 0; --count) {
            connect();
            disconnect();
        }
    }

    void resumed(std::size_t count) {
        for (; count != 0; --count) {
            connect();
            require(client_.end->resumed(), "the server did not resume");
            greet();
            client_part(client_, Step::keep);
            disconnect();
        }
    }

    void data(std::size_t count, std::size_t size) {
        Blob plain(size, 'p');
        for (; count != 0; --count) {
            client_part(client_, Step::write, plain);
            receive(server_, size);
        }
    }

    [[gnu::noinline]] void measured(std::string_view operation, std::size_t count,
                                    std::size_t size) {
        if (operation == "handshake") handshakes(count);
        if (operation == "resumed") resumed(count);
        if (operation == "data") data(count, size);
    }

    void idle(std::size_t count) {
        std::vector<std::unique_ptr<typename Stack::End>> kept;
        std::vector<std::unique_ptr<Wire>> wires;
        std::size_t peaks[2] = {0, 0}, used[2] = {0, 0};
        handshakes(1); // what is set up once
        kept.reserve(2 * count);
        wires.reserve(2 * count);
        for (std::size_t i = 0; i < count; ++i) {
            wires.push_back(std::make_unique<Wire>());
            wires.push_back(std::make_unique<Wire>());
            client_.out = server_.in = wires[2 * i].get();
            client_.in = server_.out = wires[2 * i + 1].get();
            std::size_t own[2] = {0, 0}; // of this connection
            const auto part = [&](int which, Step step, std::span<std::uint8_t> bytes = {}) {
                const std::size_t before = heap_in_use();
                if (which == 0)
                    client_part(client_, step, bytes);
                else
                    server_part(server_, step, bytes);
                const std::size_t peak = own[which] + heap_peak() - before;
                if (peak > peaks[which]) peaks[which] = peak;
                own[which] += heap_in_use() - before;
            };
            part(0, Step::begin);
            part(1, Step::begin);
            while (!client_.established || !server_.established) {
                if (!client_.established) part(0, Step::handshake);
                if (!server_.established) part(1, Step::handshake);
            }
            // One byte each way, read to the end.
            std::uint8_t byte[1] = {'x'}, more[64];
            for (const int sender : {0, 1}) {
                part(sender, Step::write, byte);
                for (auto& side = sender == 0 ? server_ : client_;;) {
                    part(1 - sender, Step::read, more);
                    if (side.moved == 0) break;
                }
            }
            used[0] += own[0];
            used[1] += own[1];
            kept.push_back(std::move(client_.end));
            kept.push_back(std::move(server_.end));
        }
        std::printf("suite %04x\n", suite_);
        std::printf("client %zu\nserver %zu\nclient-peak %zu\nserver-peak %zu\n", used[0] / count,
                    used[1] / count, peaks[0], peaks[1]);
    }

private:
    void receive(Side<Stack>& side, std::size_t size) {
        static std::uint8_t plain[1 << 16];
        for (std::size_t got = 0; got < size;) {
            if (&side == &server_)
                server_part(side, Step::read, std::span(plain).first(size - got));
            else
                client_part(side, Step::read, std::span(plain).first(size - got));
            require(side.moved != 0, "data was lost");
            got += side.moved;
        }
    }

public:
    unsigned suite() const { return suite_; }

    // For work before the measured part.
    void prepare_resumption() {
        connect();
        greet();
        client_part(client_, Step::keep);
        disconnect();
    }

private:
    Wire up_, down_;
    Side<Stack> client_, server_;
    unsigned suite_ = 0;
};

inline Blob content(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "rb");
    require(file != nullptr, path.c_str());
    Blob bytes(1 << 16);
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
    std::fclose(file);
    return bytes;
}

template<class Stack>
int run(int count, char** arguments) {
    require(count >= 4, "OPERATION COUNT CERTIFICATES [VERSION [CREDENTIAL]]");
    std::string operation = arguments[1];
    const auto times = static_cast<std::size_t>(std::atol(arguments[2]));
    const std::string folder = std::string(arguments[3]) + "/";
    const std::string version = count > 4 ? arguments[4] : "1.2";
    const std::string credential = count > 5 ? arguments[5] : "p256";
    std::size_t size = 0;
    if (const std::size_t colon = operation.find(':'); colon != std::string::npos) {
        size = static_cast<std::size_t>(std::atol(operation.c_str() + colon + 1));
        operation.resize(colon);
    }
    require(times != 0 && size <= 1 << 16, "COUNT is at least 1, SIZE at most 65536");

    Setup setup;
    setup.is_rsa = credential.starts_with("rsa");
    setup.anchor = content(folder + "inter.der");
    setup.certificate = content(folder + credential + ".crt.der");
    setup.key = content(folder + credential + ".key.der");
    setup.tls1_3 = version == "1.3";
    setup.resumption = operation == "resumed";
    if (setup.resumption && !Stack::resumes) {
        std::puts("this build does not resume");
        return 3;
    }
    const auto bench = std::make_unique<Bench<Stack>>(setup);
    if (operation == "resumed") bench->prepare_resumption();
    if (operation == "data") {
        bench->connect();
        bench->greet();
    }
    if (operation == "idle") {
        bench->idle(times);
        return 0;
    }
    timespec from{}, to{};
    clock_gettime(CLOCK_MONOTONIC, &from);
    bench->measured(operation, times, size);
    clock_gettime(CLOCK_MONOTONIC, &to);
    if (operation == "data") bench->disconnect();
    std::printf("suite %04x\n", bench->suite());
    std::printf("seconds %.9f\n", static_cast<double>(to.tv_sec - from.tv_sec) +
                                      static_cast<double>(to.tv_nsec - from.tv_nsec) / 1e9);
    return 0;
}

} // namespace bench
