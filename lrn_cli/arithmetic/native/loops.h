/* The loops over elements, once for each floating-point type: REAL, FN(name), ROOT(x), HALF(x), OWN_TYPE, MASK,
 * WIDEN and NARROW.
 *
 * Each rounds where NumPy's pass of the same name rounds. -ffp-contract=off keeps compilers from joining two of them.
 */

static void FN(square)(REAL *to, const REAL *x, ptrdiff_t n) {
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) to[i] = x[i] * x[i];
}

/* The same, and their sums with the squares of the row before. */
static void FN(square_and_add)(REAL *to, REAL *pairs, const REAL *before, const REAL *x, ptrdiff_t n) {
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) {
        const REAL squared = x[i] * x[i];
        to[i] = squared;
        pairs[i] = before[i] + squared;
    }
}

static void FN(add)(REAL *to, const REAL *a, const REAL *b, ptrdiff_t n) {
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) to[i] = a[i] + b[i];
}

static void FN(add_up)(REAL *to, const REAL *a, const REAL *b, const REAL *c, ptrdiff_t n) {
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) to[i] = a[i] + (b[i] + c[i]);
}

/* From what is left to add, a + (b + c), to the power of the whole. */
#define COEFFICIENTS const REAL scale = (REAL)j->scale, bias = (REAL)j->bias;
#define BASE const REAL base = (a[i] + (b[i] + c[i])) * scale + bias;
#define RAISE(POWER) \
    INDEPENDENT \
    for (ptrdiff_t i = 0; i < n; i++) { \
        BASE \
        to[i] = (REAL)(POWER); \
    } \
    break;
static void FN(raise)(REAL *to, const REAL *a, const REAL *b, const REAL *c, ptrdiff_t n, const job *j) {
    COEFFICIENTS
    const double low = j->low, high = j->high, beta = j->beta;
    switch (j->power) {
    case FIRST_POWER: RAISE(base)
    case SQUARE_ROOT: RAISE(ROOT(base))
    case THREE_QUARTERS: RAISE(ROOT(base * ROOT(base)))
    default:
        /* One after the other: the steps of both depend on each other, and more elements at once fill what they wait for. */
        INDEPENDENT
        for (ptrdiff_t i = 0; i < n; i++) {
            BASE
            to[i] = (REAL)VN(bounded_logarithm)(base, beta, low, high);
        }
        INDEPENDENT
        for (ptrdiff_t i = 0; i < n; i++) to[i] = (REAL)VN(exponential)(to[i], 0);
    }
}

/* Division, and whether all powers and results are within the bounds of what has lost nothing. */
#define LIMITS const REAL least = (REAL)j->least, most = (REAL)j->most, largest = (REAL)j->largest; MASK beyond = 0;
#define QUOTIENT(to, x, p) { \
    const REAL quotient = (x) / (p), size = quotient < 0 ? -quotient : quotient; \
    beyond |= ((p) >= least ? 0 : 1) | ((p) <= most ? 0 : 1) | (size <= largest ? 0 : 1); \
    (to) = quotient; }

static int FN(divide)(REAL *y, const REAL *x, const REAL *p, ptrdiff_t n, const job *j) {
    LIMITS
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) QUOTIENT(y[i], x[i], p[i])
    return beyond == 0;
}

/* Both, and at once where powers are quick: then they do not go through memory, for which there is `room`. */
#define FINISH(POWER) \
    INDEPENDENT \
    for (ptrdiff_t i = 0; i < n; i++) { \
        BASE \
        const REAL p = POWER; \
        QUOTIENT(y[i], x[i], p) \
    } \
    break;
static int FN(finish)(REAL *y, const REAL *x, const REAL *a, const REAL *b, const REAL *c, REAL *room, ptrdiff_t n,
                      const job *j) {
    COEFFICIENTS
    LIMITS
    switch (j->power) {
    case FIRST_POWER: FINISH(base)
    case SQUARE_ROOT: FINISH(ROOT(base))
    case THREE_QUARTERS: FINISH(ROOT(base * ROOT(base)))
    default:
        FN(raise)(room, a, b, c, n, j);
        return FN(divide)(y, x, room, n, j);
    }
    return beyond == 0;
}

/* Pixels of three channels that one sum serves, such as those of a photograph: all steps at once, as rows that are three
 * elements apart are slow to gather. Added as three rows would be. */
#define PIXELS(POWER) \
    INDEPENDENT \
    for (ptrdiff_t i = 0; i < n; i++) { \
        const REAL red = x[3 * i], green = x[3 * i + 1], blue = x[3 * i + 2]; \
        const REAL base = ((red * red + green * green) + blue * blue) * scale + bias; \
        const REAL p = POWER; \
        QUOTIENT(y[3 * i], red, p) \
        QUOTIENT(y[3 * i + 1], green, p) \
        QUOTIENT(y[3 * i + 2], blue, p) \
    } \
    break;
static int FN(finish_pixels)(REAL *y, const REAL *x, ptrdiff_t n, const job *j) {
    COEFFICIENTS
    LIMITS
    switch (j->power) {
    case FIRST_POWER: PIXELS(base)
    case SQUARE_ROOT: PIXELS(ROOT(base))
    default: PIXELS(ROOT(base * ROOT(base)))
    }
    return beyond == 0;
}

#define CONVERT(FROM, TO, VALUE) \
    for (ptrdiff_t i = 0; i < n; i++) { \
        const FROM v = x[i * from_step]; \
        y[i * to_step] = (TO)(VALUE); \
    }
/* A step of one is spelled out, as compilers do not vectorise a step that they do not know. */
#define LOAD(FROM, VALUE) { \
    const FROM *x = (const FROM *)from; \
    const ptrdiff_t to_step = 1; \
    if (step == 1) { const ptrdiff_t from_step = 1; CONVERT(FROM, REAL, VALUE) } \
    else { const ptrdiff_t from_step = step; CONVERT(FROM, REAL, VALUE) } \
    return; }
static void FN(load)(REAL *restrict y, const char *restrict from, int type, ptrdiff_t step, ptrdiff_t n) {
    const ptrdiff_t done = type == FLOAT16 && step == 1 ? WIDEN(y, (const uint16_t *)from, n) : 0;
    y += done, from += done * (ptrdiff_t)sizeof(uint16_t), n -= done;
    switch (type) {
    case FLOAT32: LOAD(float, v)
    case FLOAT64: LOAD(double, v)
    case FLOAT16: LOAD(uint16_t, widened(v))
    default: LOAD(uint8_t, v)
    }
}

#define STORE(TO, VALUE) { \
    TO *y = (TO *)to; \
    const ptrdiff_t from_step = 1; \
    if (step == 1) { const ptrdiff_t to_step = 1; CONVERT(REAL, TO, VALUE) } \
    else { const ptrdiff_t to_step = step; CONVERT(REAL, TO, VALUE) } \
    return; }
static void FN(store)(char *restrict to, const REAL *restrict x, int type, ptrdiff_t step, ptrdiff_t n) {
    const ptrdiff_t done = type == FLOAT16 && step == 1 ? NARROW((uint16_t *)to, x, n) : 0;
    x += done, to += done * (ptrdiff_t)sizeof(uint16_t), n -= done;
    switch (type) {
    case FLOAT32: STORE(float, v)
    case FLOAT64: STORE(double, v)
    default: STORE(uint16_t, HALF(v))
    }
}

#undef COEFFICIENTS
#undef BASE
#undef RAISE
#undef LIMITS
#undef QUOTIENT
#undef FINISH
#undef PIXELS
#undef CONVERT
#undef LOAD
#undef STORE
