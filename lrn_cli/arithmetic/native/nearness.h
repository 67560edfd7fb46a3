/* How far results are from what they should be, once for each type of results: TYPE, AS_DOUBLE(x), FN(name). See
 * `lrn_cli.analysis.identification.nearness`, whose operations these are, one by one. */

/* The type of the results: the bits of its half step in a double's place, and its numbers; see `nearness`. */
#ifndef LRN_NEARNESS
#define LRN_NEARNESS
typedef struct {
    double eps, normal, largest;
    uint64_t half;
    double ulps, relative;  /* the largest; found by the call */
    ptrdiff_t place;        /* of the first that is `ulps` off */
} nearness;
enum { STRIP = 128 };
#endif

/* One result: in steps of its type, and relative; whether it is so far off that it needs a closer look. */
static inline int64_t FN(compare)(double wanted, TYPE given, const nearness *n, double *ulps, double *relative) {
    const double off = fabs(AS_DOUBLE(given) - wanted), size = fabs(wanted);
    const double raised = size <= n->normal ? n->normal : size;
    const double step = double_of((wide_bits_of(raised) + n->half) & 0x7ff0000000000000u) * n->eps;
    const double steps = off / step, part = off / raised;
    *ulps = steps;
    *relative = size <= n->normal ? 0.0 : part;
    /* 1 for what is beyond the type, not finite, or has few digits and is off by more than a step. */
    return (size <= n->largest ? 0 : 1) | (off <= DBL_MAX ? 0 : 1) | (steps <= (size <= n->normal ? 1.0 : DBL_MAX) ? 0 : 1);
}

/* Whether all are near: finite, and of few digits only by a step. In strips, whose loops are vectorised. */
static int FN(near)(const double *wanted, const TYPE *given, ptrdiff_t count, nearness *n) {
    double ulps[STRIP], relative[STRIP], most[STRIP] = {0}, most_relative[STRIP] = {0};
    int64_t far = 0;
    for (ptrdiff_t first = 0; first < count; first += STRIP) {
        const ptrdiff_t length = count - first < STRIP ? count - first : STRIP;
        INDEPENDENT
        for (ptrdiff_t i = 0; i < length; i++)
            far |= FN(compare)(wanted[first + i], given[first + i], n, &ulps[i], &relative[i]);
        INDEPENDENT
        for (ptrdiff_t i = 0; i < length; i++) {
            most[i] = ulps[i] > most[i] ? ulps[i] : most[i];
            most_relative[i] = relative[i] > most_relative[i] ? relative[i] : most_relative[i];
        }
        if (far) return 0;
    }
    n->ulps = n->relative = 0;
    for (int i = 0; i < STRIP; i++) {
        n->ulps = most[i] > n->ulps ? most[i] : n->ulps;
        n->relative = most_relative[i] > n->relative ? most_relative[i] : n->relative;
    }
    return 1;
}

/* The first that is as far off as the furthest. */
static ptrdiff_t FN(find)(const double *wanted, const TYPE *given, ptrdiff_t count, const nearness *n) {
    double u, r;
    for (ptrdiff_t i = 0; i < count; i++) {
        FN(compare)(wanted[i], given[i], n, &u, &r);
        if (u == n->ulps) return i;
    }
    return 0;
}
