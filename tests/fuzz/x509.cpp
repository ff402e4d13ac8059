// Certificates: every view is within the input; the rules reach a verdict. Corpus: the .der files
// of tests/certs/make.py.
#include "ussl/x509/certificate.hpp"
#include "ussl/x509/path.hpp"

#include <cstdlib>

using namespace ussl;

static void check_within(Bytes view, Bytes whole) {
    if (view.empty()) return;
    if (view.data() < whole.data() || view.data() + view.size() > whole.data() + whole.size())
        std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(data, size);
    x509::Certificate certificate;
    if (x509::parse(input, certificate)) {
        check_within(certificate.issuer, input);
        check_within(certificate.subject, input);
        check_within(certificate.subject_public_key, input);
        check_within(certificate.subject_alt_name, input);
        check_within(certificate.to_be_signed, input);
        check_within(certificate.signature_value, input);
        if (!equal(x509::subject_of(input), certificate.subject)) std::abort();
        // A certificate is one SEQUENCE from its first to its last byte.
        if (!x509::is_der_sequence(input) || x509::parse(input.first(size - 1), certificate))
            std::abort();
    }
    x509::Expectations expectations;
    expectations.now = 1800000000;
    expectations.identity.dns_name = "localhost";
    expectations.trust_anchors = {&input, 1};
    for (const bool trusted : {false, true}) {
        x509::PathCheck check(expectations);
        check.add(input);
        check.add(input);
        const Err verdict = check.verdict(trusted);
        if (!trusted && verdict == Err::none) std::abort();
    }
    // The search for a path ends, whoever has signed what.
    const Bytes sent[] = {input, input, input};
    x509::verify_path(expectations, sent,
                      {nullptr, [](void*, const Bytes&, const x509::Certificate&,
                                   const x509::Certificate&) { return true; }});
    expectations.trust_anchors = {};
    if (x509::verify_path(expectations, sent,
                          {nullptr, [](void*, const Bytes&, const x509::Certificate&,
                                       const x509::Certificate&) { return true; }}) == Err::none)
        std::abort();
    return 0;
}
