/* The loops of the gradient over elements of a type FROM, computed in REAL: FROM, GN(name). Each rounds where NumPy's pass
 * of `lrn_cli.arithmetic.gradient` rounds.
 */

/* dy / s^beta, and times x / s: what the second term sums. Whether all bases and derivatives are of a size that loses
 * nothing on the way; a derivative of 0 may be. */
#define RATIO(STEPS) \
    INDEPENDENT \
    for (ptrdiff_t i = 0; i < n; i++) { \
        const REAL base = (t.a[i] + (t.b[i] + t.c[i])) * scale + bias, given = (REAL)dy[i]; \
        const REAL size = given < 0 ? -given : given; \
        beyond |= (base >= low ? 0 : 1) | (base <= high ? 0 : 1) | (size >= least ? 0 : size == 0 ? 0 : 1); \
        STEPS \
    } \
    break;
/* One division serves both; but with a beta of 0, which is any power, dy must come out as it went in. */
#define AT_ONCE(POWER) \
    const REAL quotient = given / ((POWER) * base); \
    first[i] = quotient * base; \
    ratio[i] = quotient * (REAL)x[i];
#define ONE_BY_ONE(POWER) \
    const REAL quotient = given / (POWER); \
    first[i] = quotient; \
    ratio[i] = quotient / base * (REAL)x[i];
static int GN(ratio)(REAL *first, REAL *ratio, const FROM *x, const FROM *dy, FN(terms) t, ptrdiff_t n, const job *j) {
    const REAL scale = j->scale, bias = j->bias, beta = j->beta, low = j->low, high = j->high, least = j->least;
    MASK beyond = 0;
    switch (j->power) {
    case FIRST_POWER: RATIO(AT_ONCE(base))
    case SQUARE_ROOT: RATIO(AT_ONCE(ROOT(base)))
    case THREE_QUARTERS: RATIO(AT_ONCE(ROOT(base * ROOT(base))))
    default: RATIO(ONE_BY_ONE(VN(power)(base, beta, 1)))
    }
    return beyond == 0;
}

/* The first term less the second one. */
static int GN(subtract)(FROM *dx, const REAL *first, const FROM *x, FN(terms) t, ptrdiff_t n, const job *j) {
    const REAL factor = 2.0 * j->scale * j->beta, largest = j->largest;
    MASK beyond = 0;
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) {
        const REAL second = (REAL)x[i] * (t.a[i] + (t.b[i] + t.c[i])) * factor, result = first[i] - second;
        const REAL size = result < 0 ? -result : result;
        beyond |= size <= largest ? 0 : 1;
        dx[i] = (FROM)result;
    }
    return beyond == 0;
}

#undef RATIO
#undef AT_ONCE
#undef ONE_BY_ONE
