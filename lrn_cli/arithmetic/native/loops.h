/* The loops over sums, and conversions, once for each floating-point type: REAL, FN(name), ROOT(x), HALF(x), OWN_TYPE, MASK,
 * WIDEN and NARROW.
 *
 * Each rounds where NumPy's pass of the same name rounds. -ffp-contract=off keeps compilers from joining two of them.
 */

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
#define RAISE(POWER) \
    INDEPENDENT \
    for (ptrdiff_t i = 0; i < n; i++) { \
        const REAL base = (a[i] + (b[i] + c[i])) * scale + bias; \
        to[i] = (REAL)(POWER); \
    } \
    break;
/* Or for any power to its logarithm: the steps of both halves wait for each other, which leaves room for other elements,
 * but not for as many where one loop has both. */
static void FN(raise_half)(REAL *to, const REAL *a, const REAL *b, const REAL *c, ptrdiff_t n, const job *j) {
    COEFFICIENTS
    const double low = j->low, high = j->high, beta = j->beta;
    switch (j->power) {
    case FIRST_POWER: RAISE(base)
    case SQUARE_ROOT: RAISE(ROOT(base))
    case THREE_QUARTERS: RAISE(ROOT(base * ROOT(base)))
    default: RAISE(VN(bounded_logarithm)(base, beta, low, high))
    }
}

static void FN(raise)(REAL *to, const REAL *a, const REAL *b, const REAL *c, ptrdiff_t n, const job *j) {
    FN(raise_half)(to, a, b, c, n, j);
    if (j->power != ANY_POWER) return;
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) to[i] = (REAL)VN(exponential)(to[i], 0);
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
#undef RAISE
#undef CONVERT
#undef LOAD
#undef STORE
