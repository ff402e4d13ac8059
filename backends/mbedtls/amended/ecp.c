/* Mbed TLS's library/ecp.c with other functions for what takes nearly all of a handshake's time:
 * doubling and adding points of NIST's curves (MBEDTLS_ECP_INTERNAL_ALT), and inversion. The
 * library's work on numbers of any length and sign, which they check, copy and allocate in each
 * step. These have the prime's length, are on the stack, and take the same time whatever the
 * numbers are. Without division and powers of any numbers, which nothing else here needs. */
#include <../library/common.h> /* makes members of structures public: the first header */

#if defined(MBEDTLS_ECP_INTERNAL_ALT)

#include <mbedtls/ecp.h>

#include <../library/bignum_core.h>
#include <../library/bignum_internal.h>  /* before the macro below */
#include <../library/ecp_internal_alt.h> /* needs ecp.h */

#include <mbedtls/platform_util.h>
#include <string.h>

#if defined(MBEDTLS_HAVE_INT32)
#include "p256_words.h"
#endif

#define LIMBS (MBEDTLS_ECP_MAX_BYTES / sizeof(mbedtls_mpi_uint))
typedef mbedtls_mpi_uint number[LIMBS]; /* less than the prime */

typedef struct {
    const mbedtls_ecp_group* group;
    size_t limbs;
    int error; /* the first one */
} field;

static field field_of(const mbedtls_ecp_group* group) {
    const field self = {group, group->P.n, 0};
    return self;
}

static void load(const field* self, mbedtls_mpi_uint* to, const mbedtls_mpi* from) {
    const size_t limbs = from->n < self->limbs ? from->n : self->limbs;
    memset(to, 0, sizeof(number));
    memcpy(to, from->p, limbs * sizeof *to);
}

/* Its limbs, to be worked in: as many as the prime has, and 0 above these. */
static mbedtls_mpi_uint* limbs_of(field* self, mbedtls_mpi* at) {
    if (self->error == 0) self->error = mbedtls_mpi_grow(at, self->limbs);
    return at->p;
}

#if defined(MBEDTLS_HAVE_INT32)
/* Whether numbers are those of p256_words.h. */
static int is_p256(const field* self) {
#if defined(MBEDTLS_ECP_DP_SECP384R1_ENABLED)
    return self->limbs == 8;
#else
    (void)self;
    return 1;
#endif
}
#endif

static void subtract(const field* self, mbedtls_mpi_uint* to, const mbedtls_mpi_uint* a,
                     const mbedtls_mpi_uint* b) {
#if defined(MBEDTLS_HAVE_INT32)
    if (is_p256(self)) {
        p256_subtract(to, a, b);
        return;
    }
#endif
    const mbedtls_mpi_uint borrow = mbedtls_mpi_core_sub(to, a, b, self->limbs);
    mbedtls_mpi_core_add_if(to, self->group->P.p, self->limbs, (unsigned)borrow);
}

static void add(const field* self, mbedtls_mpi_uint* to, const mbedtls_mpi_uint* a,
                const mbedtls_mpi_uint* b) {
#if defined(MBEDTLS_HAVE_INT32)
    if (is_p256(self)) {
        p256_add(to, a, b);
        return;
    }
#endif
    number negative; /* 0 becomes the prime, which the next line takes as well */
    mbedtls_mpi_core_sub(negative, self->group->P.p, b, self->limbs);
    subtract(self, to, a, negative);
}

static void multiply(field* self, mbedtls_mpi_uint* to, const mbedtls_mpi_uint* a,
                     const mbedtls_mpi_uint* b) {
    mbedtls_mpi_uint product[2 * LIMBS];
#if defined(P256_MULTIPLIES)
    if (is_p256(self)) {
        p256_multiply_words(product, a, b, a == b);
        p256_reduce(to, product);
        return;
    }
#endif
    for (size_t i = 0; i != self->limbs; ++i)
        product[i] = 0;
    for (size_t i = 0; i != self->limbs; ++i) {
        product[i + self->limbs] =
            mbedtls_mpi_core_mla(product + i, self->limbs, a, self->limbs, b[i]);
    }
#if defined(MBEDTLS_HAVE_INT32)
    if (is_p256(self)) {
        p256_reduce(to, product);
        return;
    }
#endif
    mbedtls_mpi wide = {.p = product, .s = 1, .n = (unsigned short)(2 * self->limbs)};
    const int error = self->group->modp(&wide); /* to less than twice the prime */
    if (self->error == 0) self->error = error;
    subtract(self, to, product, self->group->P.p);
}

static int is_zero(const field* self, const mbedtls_mpi_uint* a) {
    mbedtls_mpi_uint bits = 0;
    for (size_t i = 0; i != self->limbs; ++i)
        bits |= a[i];
    return bits == 0;
}

unsigned char mbedtls_internal_ecp_grp_capable(const mbedtls_ecp_group* group) {
    (void)group; /* NIST's curves are all that the library calls this for */
    return 1;
}

int mbedtls_internal_ecp_init(const mbedtls_ecp_group* group) {
    (void)group;
    return 0;
}

void mbedtls_internal_ecp_free(const mbedtls_ecp_group* group) { (void)group; }

/* To the power of the prime less 2. The time depends on the prime, most of whose digits are 15; its
 * last is 2 or more. */
static int invert(const mbedtls_ecp_group* group, mbedtls_mpi* to, const mbedtls_mpi* from) {
    field f = field_of(group);
    const size_t digits = sizeof(mbedtls_mpi_uint) * 2; /* in a limb */
    number a, a15;
    load(&f, a, from);
    f.error = mbedtls_mpi_lset(to, 1);
    mbedtls_mpi_uint* const power = limbs_of(&f, to);
    if (f.error != 0) return f.error;
    memcpy(a15, a, sizeof a15);
    for (int i = 0; i != 3; ++i) {
        multiply(&f, a15, a15, a15);
        multiply(&f, a15, a15, a);
    }
    for (size_t at = f.limbs * digits; at-- != 0;) {
        unsigned digit = group->P.p[at / digits] >> at % digits * 4 & 15;
        if (at == 0) digit -= 2;
        for (int bit = 3; bit >= 0; --bit) {
            multiply(&f, power, power, power);
            if (digit == 15 ? bit == 0 : digit >> bit & 1)
                multiply(&f, power, power, digit == 15 ? a15 : a);
        }
    }
    mbedtls_platform_zeroize(a, sizeof a);
    mbedtls_platform_zeroize(a15, sizeof a15);
    return f.error;
}

/* As ecp_double_jac(), where a curve's a is -3. */
int mbedtls_internal_ecp_double_jac(const mbedtls_ecp_group* group, mbedtls_ecp_point* to,
                                    const mbedtls_ecp_point* point) {
    field f = field_of(group);
    number m, s;
    f.error = mbedtls_ecp_copy(to, point);
    mbedtls_mpi_uint* const x = limbs_of(&f, &to->X);
    mbedtls_mpi_uint* const y = limbs_of(&f, &to->Y);
    mbedtls_mpi_uint* const z = limbs_of(&f, &to->Z);
    if (f.error != 0) return f.error;

    multiply(&f, m, z, z);
    add(&f, s, x, m);
    subtract(&f, m, x, m);
    multiply(&f, s, s, m);
    add(&f, m, s, s);
    add(&f, m, m, s); /* 3 (x + z^2) (x - z^2) */

    multiply(&f, z, y, z);
    add(&f, z, z, z); /* 2 y z */

    multiply(&f, y, y, y);
    add(&f, y, y, y);
    add(&f, s, y, y);
    multiply(&f, y, y, s); /* 8 y^4 */
    multiply(&f, s, x, s); /* 4 x y^2 */

    multiply(&f, x, m, m);
    subtract(&f, x, x, s);
    subtract(&f, x, x, s); /* m^2 - 2 s */
    subtract(&f, s, s, x);
    multiply(&f, s, s, m);
    subtract(&f, y, s, y);
    mbedtls_platform_zeroize(m, sizeof m);
    mbedtls_platform_zeroize(s, sizeof s);
    return f.error;
}

/* As ecp_add_mixed(). The branches say nothing about a multiplication's scalar or its points:
 * it reaches none of the special cases (see there). */
int mbedtls_internal_ecp_add_mixed(const mbedtls_ecp_group* group, mbedtls_ecp_point* to,
                                   const mbedtls_ecp_point* point,
                                   const mbedtls_ecp_point* affine) {
    field f = field_of(group);
    number s, t, u;
    if (affine->Z.p == NULL) return MBEDTLS_ERR_ECP_BAD_INPUT_DATA;
    if (mbedtls_mpi_cmp_int(&point->Z, 0) == 0) return mbedtls_ecp_copy(to, affine);
    if (mbedtls_mpi_cmp_int(&affine->Z, 0) == 0) return mbedtls_ecp_copy(to, point);
    if (mbedtls_mpi_cmp_int(&affine->Z, 1) != 0) return MBEDTLS_ERR_ECP_BAD_INPUT_DATA;
    load(&f, s, &affine->X); /* which may be the result, too */
    load(&f, t, &affine->Y);
    f.error = mbedtls_ecp_copy(to, point);
    mbedtls_mpi_uint* const x = limbs_of(&f, &to->X);
    mbedtls_mpi_uint* const y = limbs_of(&f, &to->Y);
    mbedtls_mpi_uint* const z = limbs_of(&f, &to->Z);
    if (f.error != 0) return f.error;

    multiply(&f, u, z, z);
    multiply(&f, s, s, u);
    multiply(&f, u, u, z);
    multiply(&f, t, t, u);
    subtract(&f, s, s, x);
    subtract(&f, t, t, y);
    if (is_zero(&f, s)) {
        return is_zero(&f, t) ? mbedtls_internal_ecp_double_jac(group, to, to)
                              : mbedtls_ecp_set_zero(to);
    }

    multiply(&f, z, z, s);
    multiply(&f, u, s, s);
    multiply(&f, s, s, u);
    multiply(&f, u, u, x);
    multiply(&f, x, t, t);
    subtract(&f, x, x, u);
    subtract(&f, x, x, u);
    subtract(&f, x, x, s);
    subtract(&f, u, u, x);
    multiply(&f, u, u, t);
    multiply(&f, y, y, s);
    subtract(&f, y, u, y);
    mbedtls_platform_zeroize(s, sizeof s);
    mbedtls_platform_zeroize(t, sizeof t);
    mbedtls_platform_zeroize(u, sizeof u);
    return f.error;
}

/* The library's only calls of these, in this file. Their names may be macros, with our prefix. */
#undef mbedtls_mpi_gcd_modinv_odd
#define mbedtls_mpi_gcd_modinv_odd(divisor, to, from, prime) invert(grp, to, from)

/* The square root in a compressed point: there are none in keys, signatures and certificates, of
 * which core/ makes the uncompressed form, and TLS has none (RFC 8422, 5.1.1; RFC 8446, 4.2.8.2).
 */
#undef mbedtls_mpi_exp_mod
#define mbedtls_mpi_exp_mod(...) MBEDTLS_ERR_ECP_BAD_INPUT_DATA

#if !defined(MBEDTLS_ECP_NIST_OPTIM) /* ussl_mbedtls_config.h: secp256r1 alone */
#if !defined(MBEDTLS_HAVE_INT32)
#error "MBEDTLS_ECP_NIST_OPTIM can be left out where limbs have 32 bits"
#endif
/* A product of two numbers less than the prime of secp256r1. */
static int reduce(mbedtls_mpi* product) {
    if (product->s < 0 || mbedtls_mpi_bitlen(product) > 2 * 256)
        return MBEDTLS_ERR_ECP_BAD_INPUT_DATA;
    const int error = mbedtls_mpi_grow(product, 2 * 8);
    if (error != 0) return error;
    p256_reduce(product->p, product->p);
    memset(product->p + 8, 0, (product->n - 8) * sizeof *product->p);
    return 0;
}
#undef mbedtls_mpi_mod_mpi
#define mbedtls_mpi_mod_mpi(to, product, prime) reduce(product)
#endif

#endif

#include <../library/ecp.c>
