/* The loops over elements of a tensor of type FROM that are computed in REAL, once for each pair of types: FROM, GN(name),
 * and the names of loops.h. Each rounds where NumPy's pass of the same name rounds.
 */

/* Squares, and if there is a place for `pairs`, their sums with those of the row `before`. */
static void GN(square)(REAL *to, REAL *pairs, const REAL *before, const void *from, ptrdiff_t n) {
    const FROM *x = (const FROM *)from;
    if (!pairs) {
        INDEPENDENT
        for (ptrdiff_t i = 0; i < n; i++) to[i] = (REAL)x[i] * (REAL)x[i];
        return;
    }
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) {
        const REAL squared = (REAL)x[i] * (REAL)x[i];
        to[i] = squared;
        pairs[i] = before[i] + squared;
    }
}

/* Division, and whether all powers and results are within the bounds of what has lost nothing. */
#define ELEMENTS const FROM *x = (const FROM *)from; FROM *y = (FROM *)to;
#define COEFFICIENTS const REAL scale = (REAL)j->scale, bias = (REAL)j->bias;
#define LIMITS const REAL least = (REAL)j->least, most = (REAL)j->most, largest = (REAL)j->largest; MASK beyond = 0;
#define QUOTIENT(to, x, p) { \
    const REAL quotient = (REAL)(x) / (p), size = (REAL)fabs(quotient); \
    beyond |= ((p) >= least ? 0 : 1) | ((p) <= most ? 0 : 1) | (size <= largest ? 0 : 1); \
    (to) = (FROM)quotient; }
#define DIVIDE(POWER) { \
    INDEPENDENT \
    for (ptrdiff_t i = 0; i < n; i++) { \
        const REAL p = (REAL)(POWER); \
        QUOTIENT(y[i], x[i], p) \
    } }
static int GN(divide)(void *to, const void *from, const REAL *powers, ptrdiff_t n, const job *j) {
    ELEMENTS
    LIMITS
    DIVIDE(powers[i])
    return beyond == 0;
}

/* By 2^t, the second half of any power. */
static int GN(divide_by_exponentials)(void *to, const void *from, const REAL *t, ptrdiff_t n, const job *j) {
    ELEMENTS
    LIMITS
    DIVIDE(VN(exponential)(t[i], 0))
    return beyond == 0;
}

/* From sums to results at once, where powers are quick: then these do not go through memory, for which there is `room`. */
#define FINISH(POWER) \
    INDEPENDENT \
    for (ptrdiff_t i = 0; i < n; i++) { \
        const REAL base = (a[i] + (b[i] + c[i])) * scale + bias, p = POWER; \
        QUOTIENT(y[i], x[i], p) \
    } \
    break;
static int GN(finish)(void *to, const void *from, const REAL *a, const REAL *b, const REAL *c, REAL *room, ptrdiff_t n,
                      const job *j) {
    ELEMENTS
    COEFFICIENTS
    LIMITS
    switch (j->power) {
    case FIRST_POWER: FINISH(base)
    case SQUARE_ROOT: FINISH(ROOT(base))
    case THREE_QUARTERS: FINISH(ROOT(base * ROOT(base)))
    default:
        FN(raise_half)(room, a, b, c, n, j);
        return GN(divide_by_exponentials)(to, from, room, n, j);
    }
    return beyond == 0;
}

/* The same together with the row that completes its windows: the squares of what is `added`, and their sums with those of
 * the row before, which are what is left to add to a + b. */
#define ADVANCE(POWER) \
    INDEPENDENT \
    for (ptrdiff_t i = 0; i < n; i++) { \
        const REAL squared = (REAL)more[i] * (REAL)more[i], pair = before[i] + squared; \
        squares[i] = squared; \
        pairs[i] = pair; \
        const REAL base = (a[i] + (b[i] + pair)) * scale + bias, p = POWER; \
        QUOTIENT(y[i], x[i], p) \
    } \
    break;
static int GN(advance)(void *to, const void *from, const void *added, REAL *squares, REAL *pairs, const REAL *before,
                       const REAL *a, const REAL *b, REAL *room, ptrdiff_t n, const job *j) {
    const FROM *more = (const FROM *)added;
    ELEMENTS
    COEFFICIENTS
    LIMITS
    switch (j->power) {
    case FIRST_POWER: ADVANCE(base)
    case SQUARE_ROOT: ADVANCE(ROOT(base))
    case THREE_QUARTERS: ADVANCE(ROOT(base * ROOT(base)))
    default:
        GN(square)(squares, pairs, before, added, n);
        FN(raise_half)(room, a, b, pairs, n, j);
        return GN(divide_by_exponentials)(to, from, room, n, j);
    }
    return beyond == 0;
}

/* Pixels of three channels that one sum serves, such as those of a photograph: as rows, which are three elements apart,
 * they are slow to gather. Added as three rows would be. */
static int GN(finish_pixels)(void *to, const void *from, ptrdiff_t n, const job *j) {
    REAL squares[3 * PIXELS], powers[PIXELS], spread[3 * PIXELS + 1];
    static const REAL zeros[PIXELS] = {0};
    ELEMENTS
    int good = 1;
    for (ptrdiff_t done = 0; done < n; done += PIXELS) {
        const ptrdiff_t count = n - done < PIXELS ? n - done : PIXELS;
        GN(square)(squares, NULL, NULL, x + 3 * done, 3 * count);
        for (ptrdiff_t i = 0; i < count; i++) powers[i] = (squares[3 * i] + squares[3 * i + 1]) + squares[3 * i + 2];
        FN(raise)(powers, powers, zeros, zeros, count, j);
        /* One more than three, as four are written at once; the next pixel writes over the last. */
        for (ptrdiff_t i = 0; i < count; i++)
            spread[3 * i] = spread[3 * i + 1] = spread[3 * i + 2] = spread[3 * i + 3] = powers[i];
        good &= GN(divide)(y + 3 * done, x + 3 * done, spread, 3 * count, j);
    }
    return good;
}

#undef ELEMENTS
#undef COEFFICIENTS
#undef LIMITS
#undef QUOTIENT
#undef DIVIDE
#undef FINISH
#undef ADVANCE
