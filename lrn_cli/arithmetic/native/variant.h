/* All that is compiled once for each instruction set, whose name is VARIANT. Included by _native.c. */

#define VN(name) JOIN(name, _, VARIANT)

/* 2^(beta log2 s) of a positive, normal s: the operations of `lrn_cli.arithmetic.powers`, one by one and in its order.
 * No operation is fused with another, so that every machine gives the same bits; good to 1e-12, or 1e-14 where `fine`. */
static inline double VN(power)(double s, double beta, int fine) {
    /* s = 2^e m, and m lies between the roots of 1/2 and 2. */
    const uint64_t bits = wide_bits_of(s), k = (bits + (ONE - ROOT_OF_HALF)) >> 52;
    const double m = double_of(bits - (k << 52) + ONE);
    const double e = double_of(k | wide_bits_of(0x1p52)) - (0x1p52 + 1023.0);
    /* log2 m by the series of the inverse hyperbolic tangent; in halves rather than by Horner, whose chain is long. */
    const double f = (m - 1.0) / (m + 1.0), z = f * f, z2 = z * z, z4 = z2 * z2;
    const double l = fine ? (L(13) + L(15) * z) + (L(17) + L(19) * z) * z2 : L(13);
    const double p = (L(1) + L(3) * z) + (L(5) + L(7) * z) * z2 + ((L(9) + L(11) * z) + l * z2) * z4;
    double t = beta * (e + f * p);
    t = t < -1000.0 ? -1000.0 : t;
    t = t > 1000.0 ? 1000.0 : t;
    /* 2^t = 2^r 2^q with a whole r, which stands in the last bits of what is so large that it has no others. */
    const double r = t + 0x1.8p52, q = t - (r - 0x1.8p52), q2 = q * q, q4 = q2 * q2;
    const double h = fine ? (G10 + G11 * q) + (G12 + G13 * q) * q2 : G10;
    const double g = ((1.0 + G1 * q) + (G2 + G3 * q) * q2) + ((G4 + G5 * q) + (G6 + G7 * q) * q2) * q4
                   + ((G8 + G9 * q) + h * q2) * (q4 * q4);
    return double_of(wide_bits_of(g) + (wide_bits_of(r) << 52));
}

/* Outside of [low, high] the bits of a base mean nothing; what is not a number is out of every range. */
static inline double VN(bounded_power)(double s, double beta, double low, double high) {
    const double p = VN(power)(s, beta, 0);
    return ((s >= low) & (s <= high)) ? p : (double)NAN;
}

#define REAL float
#define MASK int32_t
#define OWN_TYPE FLOAT32
#define ROOT(x) sqrtf(x)
#define HALF(x) narrowed(x)
#define FN(name) JOIN(name, _float_, VARIANT)
#include "loops.h"
#include "sums.h"
#include "block.h"
#undef REAL
#undef MASK
#undef OWN_TYPE
#undef ROOT
#undef HALF
#undef FN

#define REAL double
#define MASK int64_t
#define OWN_TYPE FLOAT64
#define ROOT(x) sqrt(x)
#define HALF(x) narrowed_wide(x)
#define FN(name) JOIN(name, _double_, VARIANT)
#include "loops.h"
#include "sums.h"
#include "block.h"
#include "gradient.h"
#undef REAL
#undef MASK
#undef OWN_TYPE
#undef ROOT
#undef HALF
#undef FN

static int VN(run)(const job *j) {
    if (j->dy.at) return JOIN(derive, _double_, VARIANT)(j);
    return j->wide ? JOIN(run, _double_, VARIANT)(j) : JOIN(run, _float_, VARIANT)(j);
}

#undef VN
