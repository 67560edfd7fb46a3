/* All that is compiled once for each instruction set, whose name is VARIANT. Included by _native.c. */

#define VN(name) JOIN(name, _, VARIANT)

/* beta log2 s of a positive, normal s, and 2^t: the operations of `lrn_cli.arithmetic.powers`, one by one and in its order.
 * No operation is fused with another, so that every machine gives the same bits; good to 2e-12, or 1e-14 where `fine`. */
static inline double VN(logarithm)(double s, double beta, int fine) {
    /* s = 2^e m, and m lies between the roots of 1/2 and 2. */
    const uint64_t bits = wide_bits_of(s), k = (bits + (ONE - ROOT_OF_HALF)) >> 52;
    const double m = double_of(bits - (k << 52) + ONE);
    const double e = double_of(k | wide_bits_of(0x1p52)) - (0x1p52 + 1023.0);
    /* log2 m by the inverse hyperbolic tangent; its series in halves rather than by Horner, whose chain is long. */
    const double f = (m - 1.0) / (m + 1.0), z = f * f, z2 = z * z;
    const double p = fine
        ? (L(1) + L(3) * z) + (L(5) + L(7) * z) * z2
            + ((L(9) + L(11) * z) + ((L(13) + L(15) * z) + (L(17) + L(19) * z) * z2) * z2) * (z2 * z2)
        : (M1 + M3 * z) + ((M5 + M7 * z) + M9 * z2) * z2;
    return beta * (e + f * p);
}

/* Of a t that is no further from 0 than 1000; not a number stays what it is. */
static inline double VN(exponential)(double t, int fine) {
    /* 2^t = 2^r 2^q with a whole r, which stands in the last bits of what is so large that it has no others. */
    const double r = t + 0x1.8p52, q = t - (r - 0x1.8p52), q2 = q * q, q4 = q2 * q2;
    const double g = fine
        ? ((1.0 + G1 * q) + (G2 + G3 * q) * q2) + ((G4 + G5 * q) + (G6 + G7 * q) * q2) * q4
            + ((G8 + G9 * q) + ((G10 + G11 * q) + (G12 + G13 * q) * q2) * q2) * (q4 * q4)
        : ((1.0 + H1 * q) + (H2 + H3 * q) * q2) + ((H4 + H5 * q) + ((H6 + H7 * q) + H8 * q2) * q2) * q4;
    return double_of(wide_bits_of(g) + (wide_bits_of(r) << 52));
}

static inline double VN(power)(double s, double beta, int fine) {
    return VN(exponential)(VN(logarithm)(s, beta, fine), fine);
}

/* Outside of [low, high] the bits of a base mean nothing, or its power is none; what is not a number is out of any range. */
static inline double VN(bounded_logarithm)(double s, double beta, double low, double high) {
    const double t = VN(logarithm)(s, beta, 0);
    return ((s >= low) & (s <= high)) ? t : (double)NAN;
}

/* Halves to floats and back, as many as the instructions take; returns how many. The caller does the rest. */
static inline ptrdiff_t VN(widen)(float *to, const uint16_t *from, ptrdiff_t n) {
    ptrdiff_t i = 0;
#ifdef CONVERTS_HALVES
    for (; i + 8 <= n; i += 8) _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(from + i))));
#else
    (void)to, (void)from, (void)n;
#endif
    return i;
}

static inline ptrdiff_t VN(narrow)(uint16_t *to, const float *from, ptrdiff_t n) {
    ptrdiff_t i = 0;
#ifdef CONVERTS_HALVES
    const __m256 sign = _mm256_set1_ps(-0.0f), normal = _mm256_set1_ps(0x1p-14f), zero = _mm256_setzero_ps();
    for (; i + 8 <= n; i += 8) {
        const __m256 x = _mm256_loadu_ps(from + i), size = _mm256_andnot_ps(sign, x);
        const __m256 small = _mm256_and_ps(_mm256_cmp_ps(size, normal, _CMP_LT_OQ), _mm256_cmp_ps(size, zero, _CMP_GT_OQ));
        /* Below the normal halves NumPy's passes round twice, and the instruction once. */
        if (_mm256_movemask_ps(small))
            for (int k = 0; k < 8; k++) to[i + k] = narrowed(from[i + k]);
        else
            _mm_storeu_si128((__m128i *)(to + i), _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
    }
#else
    (void)to, (void)from, (void)n;
#endif
    return i;
}

#define REAL float
#define WIDEN(to, from, n) VN(widen)(to, from, n)
#define NARROW(to, from, n) VN(narrow)(to, from, n)
#define MASK int32_t
#define OWN_TYPE FLOAT32
#define ROOT(x) sqrtf(x)
#define HALF(x) narrowed(x)
#define FN(name) JOIN(name, _float_, VARIANT)
#include "loops.h"
#define FROM float
#define GN(name) JOIN(name, _float_of_float_, VARIANT)
#define OF_TYPE(type, name, arguments) GN(name) arguments
#include "elements.h"
#include "sums.h"
#include "block.h"
#undef FROM
#undef GN
#undef OF_TYPE
#undef REAL
#undef WIDEN
#undef NARROW
#undef MASK
#undef OWN_TYPE
#undef ROOT
#undef HALF
#undef FN

#define REAL double
#define WIDEN(to, from, n) 0
#define NARROW(to, from, n) 0
#define MASK int64_t
#define OWN_TYPE FLOAT64
#define ROOT(x) sqrt(x)
#define HALF(x) narrowed_wide(x)
#define FN(name) JOIN(name, _double_, VARIANT)
#include "loops.h"
#define FROM float
#define GN(name) JOIN(name, _double_of_float_, VARIANT)
#include "elements.h"
#undef FROM
#undef GN
#define FROM double
#define GN(name) JOIN(name, _double_of_double_, VARIANT)
#include "elements.h"
#undef FROM
#undef GN
#define OF_TYPE(type, name, arguments) \
    ((type) == FLOAT32 ? JOIN(name, _double_of_float_, VARIANT) arguments : JOIN(name, _double_of_double_, VARIANT) arguments)
#include "sums.h"
#include "block.h"
#include "gradient.h"
#undef OF_TYPE
#undef REAL
#undef WIDEN
#undef NARROW
#undef MASK
#undef OWN_TYPE
#undef ROOT
#undef HALF
#undef FN

static int VN(run)(const job *j) {
    if (j->dy.at) return JOIN(derive, _double_, VARIANT)(j);
    return j->wide ? JOIN(run, _double_, VARIANT)(j) : JOIN(run, _float_, VARIANT)(j);
}

#define TYPE float
#define AS_DOUBLE(x) (double)(x)
#define FN(name) JOIN(name, _float_, VARIANT)
#include "nearness.h"
#undef TYPE
#undef FN
#define TYPE double
#define FN(name) JOIN(name, _double_, VARIANT)
#include "nearness.h"
#undef TYPE
#undef AS_DOUBLE
#undef FN
#define TYPE uint16_t
#define AS_DOUBLE(x) (double)widened(x)
#define FN(name) JOIN(name, _half_, VARIANT)
#include "nearness.h"
#undef TYPE
#undef AS_DOUBLE
#undef FN

/* Whether results are near what they should be; if they are, the place of the furthest if it is further than `known`. */
#define MEASURE(TYPE, FN) { \
    const int good = JOIN(near, FN, VARIANT)(wanted, (const TYPE *)given, count, n); \
    if (good && n->ulps > known) n->place = JOIN(find, FN, VARIANT)(wanted, (const TYPE *)given, count, n); \
    return good; }
static int VN(measure)(const double *wanted, const char *given, int type, ptrdiff_t count, double known, nearness *n) {
    switch (type) {
    case FLOAT32: MEASURE(float, _float_)
    case FLOAT64: MEASURE(double, _double_)
    default: MEASURE(uint16_t, _half_)
    }
}
#undef MEASURE

#undef VN
