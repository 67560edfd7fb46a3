/* Sums over sliding windows by doubling, in the very order of `lrn_cli.arithmetic.sums`, whose bits these are.
 *
 * A window of 5 is one and two pairs of pairs: sums of 2, of 4, and one more addition. Of both kinds of window the last
 * two additions are left to the caller, so that they need not go through memory: the sum is a + (b + c).
 */

/* The last rows of one kind of sum. Row p lies in slot p modulo `size`. */
typedef struct {
    REAL *at;
    ptrdiff_t size;
} FN(ring);

/* For windows over rows that come one by one. `doubled[k]` has the sums of 2^k rows, `joined[k]` those of as many rows
 * as the lower bits of the window's height say, up to bit k. Row p is the sum that begins at row p. */
typedef struct {
    FN(ring) doubled[64], joined[64];
    ptrdiff_t height, room;  /* of the window, and elements of a slot */
    const REAL *zeros;
} FN(sums);

static REAL *FN(slot)(const FN(sums) *s, const FN(ring) *ring, ptrdiff_t p) {
    return ring->at + p % ring->size * s->room;
}

/* Say how many rows each ring keeps: as far back as the sum that is made of them looks. Returns their number. */
static ptrdiff_t FN(measure)(FN(sums) *s, ptrdiff_t height) {
    FN(ring) *joined = NULL;
    ptrdiff_t rows = 0;
    s->height = height;
    for (int k = 0; (ptrdiff_t)1 << k <= height; k++) {
        const ptrdiff_t width = (ptrdiff_t)1 << k;
        s->doubled[k].size = 2 * width <= height ? width + 1 : k == 0;
        s->joined[k].size = height & width && 2 * width <= height && joined ? 1 : 0;
        if (!(height & width)) continue;
        if (joined && joined->size < width + 1) joined->size = width + 1;
        joined = joined ? &s->joined[k] : &s->doubled[k];
    }
    for (int k = 0; (ptrdiff_t)1 << k <= height; k++) rows += s->doubled[k].size + s->joined[k].size;
    return rows;
}

static void FN(place)(FN(sums) *s, REAL *at, ptrdiff_t room, const REAL *zeros) {
    s->room = room, s->zeros = zeros;
    for (int k = 0; (ptrdiff_t)1 << k <= s->height; k++) {
        s->doubled[k].at = at, at += s->doubled[k].size * room;
        s->joined[k].at = at, at += s->joined[k].size * room;
    }
}

/* What is left to add: a + (b + c). Where there are `pairs`, these are c, and still to be made: of a row whose `squares`
 * are not there yet either, and those of the row `before`. */
typedef struct {
    const REAL *a, *b, *c, *before;
    REAL *squares, *pairs;
} FN(terms);

/* Where the sums of row `last` and the one before go, which is at `before`; NULL where they are not kept. */
static REAL *FN(pairs)(const FN(sums) *s, ptrdiff_t last, const REAL **before) {
    if (last < 1 || s->height < 4) return NULL;
    *before = FN(slot)(s, &s->doubled[0], last - 1);
    return FN(slot)(s, &s->doubled[1], last - 1);
}

/* Row `last` is in its slot, and what it makes with the one before if `paired`: add up what ends with it. Returns
 * whether a whole window does, whose sum is that of t. */
static int FN(push)(const FN(sums) *s, ptrdiff_t last, ptrdiff_t n, int paired, FN(terms) *t) {
    const FN(ring) *joined = s->height & 1 ? &s->doubled[0] : NULL;
    ptrdiff_t width = 1, covered = s->height & 1;
    *t = (FN(terms)){.a = FN(slot)(s, &s->doubled[0], last), .b = s->zeros, .c = s->zeros};
    for (int k = 1; 2 * width <= s->height; k++) {
        ptrdiff_t p = last - 2 * width + 1;
        if (p < 0) return 0;
        t->b = FN(slot)(s, &s->doubled[k - 1], p), t->c = FN(slot)(s, &s->doubled[k - 1], p + width);
        if (4 * width > s->height) {
            t->a = joined && p >= covered ? FN(slot)(s, joined, p - covered) : s->zeros;
            return p >= covered;
        }
        if (k > 1 || !paired) FN(add)(FN(slot)(s, &s->doubled[k], p), t->b, t->c, n);
        width *= 2;
        if (!(s->height & width)) continue;
        if (!joined) joined = &s->doubled[k];
        else {
            if (p < covered) return 0;
            const REAL *lower = FN(slot)(s, joined, p - covered);
            joined = &s->joined[k];
            FN(add)(FN(slot)(s, joined, p - covered), lower, FN(slot)(s, &s->doubled[k], p), n);
        }
        covered += width;
    }
    return 1;
}

/* The one of three that is neither. */
static REAL *FN(unused)(REAL *const spare[3], const REAL *one, const REAL *other) {
    int k = 0;
    while (spare[k] == one || spare[k] == other) k++;
    return spare[k];
}

/* The same along a row: sums of `width` elements of x that lie `hop` apart, for the first n of them. */
static FN(terms) FN(slide)(const REAL *x, const REAL *zeros, REAL *const spare[3], ptrdiff_t width, ptrdiff_t hop, ptrdiff_t n) {
    const REAL *doubled = x, *joined = width & 1 ? x : NULL;
    ptrdiff_t power = 1, covered = width & 1;
    while (4 * power <= width) {
        REAL *to = FN(unused)(spare, doubled, joined);
        FN(add)(to, doubled, doubled + power * hop, n + (width - 2 * power) * hop);
        doubled = to, power *= 2;
        if (!(width & power)) continue;
        if (!joined) joined = doubled;
        else {
            to = FN(unused)(spare, doubled, joined);
            FN(add)(to, joined, doubled + covered * hop, n);
            joined = to;
        }
        covered += power;
    }
    doubled += covered * hop;
    return (FN(terms)){.a = joined ? joined : zeros, .b = doubled, .c = doubled + power * hop};
}
