/* The gradient of a block, part by part as in block.h, rows coming one by one: each completes the window of a row of
 * bases, and so a row of ratios, each of which completes the mirrored window of a row of results. With a window of 1 row
 * before and 2 after:
 *   squares  of row  r                r - 3 .. r are a whole window, that of
 *   ratios   of row  r - 2            r - 4 .. r - 2 .. are, with r - 5, the mirrored window of
 *   results  of row  r - 3
 * Along a run an element lies `reach` behind the beginning of its row among the squares, `right` among the ratios, and at
 * its place among the results: each sum stands where its window begins.
 */

#define FROM float
#define GN(name) JOIN(name, _of_float_, VARIANT)
#include "slopes.h"
#undef FROM
#undef GN
#define FROM double
#define GN(name) JOIN(name, _of_double_, VARIANT)
#include "slopes.h"
#undef FROM
#undef GN

typedef struct {
    const job *j;
    ptrdiff_t height, reach, left, right;      /* of the window: rows, and elements of a run */
    int direct;                                /* the type of all three arrays, where they are used where they lie */
    ptrdiff_t group, strip, pitch, room;       /* as in FN(block) */
    REAL *memory, *nothing, *squares, *x, *turned, *dy, *ratios, *values, *results, *spare[3], *covered, *firsts;
    FN(sums) bases, seconds;
} FN(slope);

/* Decide how the block is cut, and get the scratch memory; whether there was enough. */
static int FN(prepare)(FN(slope) *w, const job *j) {
    const ptrdiff_t gap = (j->left > j->right ? j->left : j->right) * j->hop;
    w->j = j, w->height = j->above + j->below + 1;
    w->left = j->left * j->hop, w->right = j->right * j->hop, w->reach = w->left + w->right;
    const int of_one_type = j->in.type == j->dy.type && j->in.type == j->out.type;
    const int in_runs = j->in.step == 1 && j->dy.step == 1 && j->out.step == 1;
    w->direct = of_one_type && in_runs && (j->in.type == FLOAT32 || j->in.type == FLOAT64) ? j->in.type : NOT_DIRECT;

    REAL **const buffers[] = {&w->nothing, &w->squares, &w->x, &w->turned, &w->dy, &w->ratios,
                              &w->values, &w->results, &w->spare[0], &w->spare[1], &w->spare[2]};
    const ptrdiff_t count = sizeof buffers / sizeof *buffers;
    const ptrdiff_t each = j->covers ? j->rows : FN(measure)(&w->bases, w->height);
    const ptrdiff_t rows = count + 2 * each + (j->covers ? j->rows : j->above + 1);
    ptrdiff_t wanted = j->budget / rows;
    if (wanted < j->shortest) wanted = j->shortest;
    const int whole = j->core_run == j->run && j->run + gap <= 4 * wanted;
    const ptrdiff_t longest = wanted > 8 * w->reach ? wanted : 8 * w->reach;
    w->strip = whole || j->core_run < longest ? j->core_run : longest;
    w->pitch = w->strip + (whole ? gap : 2 * w->reach);
    w->group = wanted / w->pitch;
    if (w->group < 1) w->group = 1;
    if (w->group > j->pieces) w->group = j->pieces;
    /* An odd number of lines of the cache, as in block.h. */
    const ptrdiff_t nbytes = (w->group * w->pitch + 3 * w->reach + 32) * (ptrdiff_t)sizeof(REAL);
    w->room = (nbytes / 128 * 128 + 192) / (ptrdiff_t)sizeof(REAL);

    const size_t row = (size_t)w->room * sizeof(REAL);
    if ((size_t)rows > SIZE_MAX / 2 / row || !(w->memory = calloc((size_t)rows, row))) return 0;
    for (ptrdiff_t k = 0; k < count; k++) *buffers[k] = w->memory + k * w->room;
    /* What changes no sum, not even the sign of one that is 0. */
    for (ptrdiff_t k = 0; k < w->room; k++) w->nothing[k] = -0.0;
    w->covered = w->memory + count * w->room, w->firsts = w->covered + 2 * each * w->room;
    if (j->covers) return 1;
    FN(measure)(&w->seconds, w->height);
    FN(place)(&w->bases, w->covered, w->room, w->nothing);
    FN(place)(&w->seconds, w->covered + each * w->room, w->room, w->nothing);
    return 1;
}

/* What there is of a run, of a part's elements and those up to `before` and `behind` of them. */
typedef struct {
    ptrdiff_t from, skipped, taken;  /* the first, how many before it there are not, and how many there are */
} FN(stretch);

static FN(stretch) FN(stretch_of)(const FN(slope) *w, const FN(part) *p, ptrdiff_t before, ptrdiff_t behind) {
    const ptrdiff_t begin = w->j->first + p->at - before, end = w->j->first + p->at + p->length + behind;
    const ptrdiff_t from = begin < 0 ? 0 : begin;
    return (FN(stretch)){from, from - begin, (end > w->j->run ? w->j->run : end) - from};
}

/* One row of an array for all members of a part, in REAL, each member's first element standing `before` behind its place. */
static FN(stretch) FN(spread)(const FN(slope) *w, const FN(part) *p, const array *a, ptrdiff_t row, REAL *to,
                              ptrdiff_t before, ptrdiff_t behind) {
    const FN(stretch) s = FN(stretch_of)(w, p, before, behind);
    for (ptrdiff_t k = 0; k < p->members; k++)
        FN(load)(to + k * w->pitch + s.skipped, FN(address)(a, p->piece + k, row, s.from), a->type, a->step, s.taken);
    return s;
}

/* A member's part of a row where it lies, or a copy of it at its place in `room`. */
static const void *FN(lie)(const FN(slope) *w, const FN(part) *p, const array *a, ptrdiff_t member, ptrdiff_t row,
                           REAL *room) {
    const char *from = FN(address)(a, p->piece + member, row, w->j->first + p->at);
    if (w->direct != NOT_DIRECT) return from;
    FN(load)(room, from, a->type, a->step, p->length);
    return room;
}

/* Sum along runs what is in a row, then over rows, where it is number `count`: whether a whole window ends with it. */
static int FN(add_row)(const FN(slope) *w, const FN(sums) *sums, const REAL *row, ptrdiff_t count, ptrdiff_t n,
                       FN(terms) *t) {
    *t = FN(slide)(row, w->nothing, w->spare, w->j->left + w->j->right + 1, w->j->hop, n);
    if (w->height == 1) return 1;
    FN(add_up)(FN(slot)(sums, &sums->doubled[0], count), t->a, t->b, t->c, n);
    return FN(push)(sums, count, n, 0, t);
}

/* Squares of a row, where runs have no window, and if there is a place for `pairs` their sums with those `before`. */
static void FN(square_members)(const FN(slope) *w, const FN(part) *p, ptrdiff_t row, REAL *to, REAL *pairs,
                               const REAL *before) {
    for (ptrdiff_t k = 0, at = 0; k < p->members; k++, at += w->pitch) {
        const void *x = FN(lie)(w, p, &w->j->in, k, row, w->values);
        REAL *const both = pairs ? pairs + at : NULL;
        OF_TYPE(w->direct, square, (to + at, both, pairs ? before + at : NULL, x, p->length));
    }
}

/* First terms and ratios of a row, where runs have no window, from its bases' sums. */
static int FN(divide_members)(const FN(slope) *w, const FN(part) *p, ptrdiff_t row, REAL *first, REAL *ratio,
                              const FN(terms) *t) {
    const job *j = w->j;
    int good = 1;
    for (ptrdiff_t k = 0, at = 0; k < p->members; k++, at += w->pitch) {
        const void *x = FN(lie)(w, p, &j->in, k, row, w->values), *dy = FN(lie)(w, p, &j->dy, k, row, w->dy);
        const FN(terms) own = {.a = t->a + at, .b = t->b + at, .c = t->c + at};
        if (w->direct == FLOAT32) good &= JOIN(ratio, _of_float_, VARIANT)(first + at, ratio + at, x, dy, own, p->length, j);
        else good &= JOIN(ratio, _of_double_, VARIANT)(first + at, ratio + at, x, dy, own, p->length, j);
    }
    return good;
}

/* Squares of row number `count` of those that are read; whether the sums of a row of bases are then those of t. */
static int FN(take_squares)(const FN(slope) *w, const FN(part) *p, ptrdiff_t count, ptrdiff_t n, FN(terms) *t) {
    const job *j = w->j;
    const ptrdiff_t row = j->first_row - j->above - j->below + count;
    REAL *slot = FN(slot)(&w->bases, &w->bases.doubled[0], count), *pairs = NULL;
    const REAL *before = NULL;
    if (row < 0 || row >= j->rows) memset(slot, 0, (size_t)n * sizeof(REAL));
    else if (!w->reach) {
        pairs = FN(pairs)(&w->bases, count, &before);
        FN(square_members)(w, p, row, slot, pairs, before);
    } else {
        FN(spread)(w, p, &j->in, row, w->x, w->reach, w->reach);
        OF_TYPE(FLOAT64, square, (w->squares, NULL, NULL, w->x, n + w->reach));
        return FN(add_row)(w, &w->bases, w->squares, count, n, t);
    }
    return FN(push)(&w->bases, count, n, pairs != NULL, t);
}

/* Ratios of row number `count`, from its bases' sums; whether the sums of a row of results are then those of t. */
static int FN(take_ratios)(const FN(slope) *w, const FN(part) *p, ptrdiff_t count, ptrdiff_t n, FN(terms) *t, int *good) {
    const job *j = w->j;
    const ptrdiff_t row = j->first_row - j->below + count, sums = n - w->reach;
    REAL *slot = FN(slot)(&w->seconds, &w->seconds.doubled[0], count);
    REAL *first = w->firsts + count % (j->above + 1) * w->room;
    if (row < 0 || row >= j->rows) memset(slot, 0, (size_t)n * sizeof(REAL));
    else if (!w->reach) *good &= FN(divide_members)(w, p, row, first, slot, t);
    else {
        const REAL *x = w->x;
        if (w->height > 1) FN(spread)(w, p, &j->in, row, w->turned, w->reach, w->reach), x = w->turned;
        x += w->left;
        const FN(stretch) s = FN(spread)(w, p, &j->dy, row, w->dy, w->right, w->left);
        /* In one loop over all, unless in the gaps between them there are bases that cannot be divided by. */
        const int apart = j->bias < j->low;
        for (ptrdiff_t k = 0, at = apart ? s.skipped : 0; k < (apart ? p->members : 1); k++, at += w->pitch) {
            const FN(terms) own = {.a = t->a + at, .b = t->b + at, .c = t->c + at};
            *good &= JOIN(ratio, _of_double_, VARIANT)(first + at, w->ratios + at, x + at, w->dy + at, own, apart ? s.taken : n, j);
        }
        return FN(add_row)(w, &w->seconds, w->ratios, count, sums, t);
    }
    return FN(push)(&w->seconds, count, sums, 0, t);
}

/* The results of one row of the core. */
static int FN(write_slopes)(const FN(slope) *w, const FN(part) *p, ptrdiff_t row, const REAL *first, const FN(terms) *t) {
    const job *j = w->j;
    int good = 1;
    for (ptrdiff_t k = 0, at = 0; k < p->members; k++, at += w->pitch) {
        const void *x = FN(lie)(w, p, &j->in, k, j->first_row + row, w->values);
        char *to = FN(address)(&j->out, p->piece + k, row, p->at);
        const FN(terms) own = {.a = t->a + at, .b = t->b + at, .c = t->c + at};
        if (w->direct == FLOAT32) good &= JOIN(subtract, _of_float_, VARIANT)((float *)to, first + at, x, own, p->length, j);
        else {
            double *result = w->direct == NOT_DIRECT ? w->results : (double *)to;
            good &= JOIN(subtract, _of_double_, VARIANT)(result, first + at, x, own, p->length, j);
            if (w->direct == NOT_DIRECT) FN(store)(to, result, j->out.type, j->out.step, p->length);
        }
    }
    return good;
}

/* One sum for all rows, of squares and then of ratios. */
static int FN(derive_covered)(const FN(slope) *w, const FN(part) *p) {
    const job *j = w->j;
    const ptrdiff_t n = (p->members - 1) * w->pitch + p->length;
    REAL *squares = w->covered, *ratios = squares + j->rows * w->room;
    int good = 1;
    for (ptrdiff_t row = 0; row < j->rows; row++) FN(square_members)(w, p, row, squares + row * w->room, NULL, squares);
    FN(fold)(squares, j->rows, w->room, n);
    const FN(terms) bases = {.a = squares, .b = w->nothing, .c = w->nothing};
    const FN(terms) sums = {.a = ratios, .b = w->nothing, .c = w->nothing};
    for (ptrdiff_t row = 0; row < j->rows; row++)
        good &= FN(divide_members)(w, p, row, w->firsts + row * w->room, ratios + row * w->room, &bases);
    FN(fold)(ratios, j->rows, w->room, n);
    for (ptrdiff_t row = 0; row < j->core_rows; row++)
        good &= FN(write_slopes)(w, p, row, w->firsts + (j->first_row + row) * w->room, &sums);
    return good;
}

static int FN(derive_part)(const FN(slope) *w, const FN(part) *p) {
    const job *j = w->j;
    const ptrdiff_t n = (p->members - 1) * w->pitch + p->length + w->reach, behind = w->height - 1;
    FN(terms) t;
    int good = 1;
    if (j->covers) return FN(derive_covered)(w, p);
    for (ptrdiff_t count = 0; count < j->core_rows + 2 * behind; count++)
        if (FN(take_squares)(w, p, count, n, &t) && FN(take_ratios)(w, p, count - behind, n, &t, &good)) {
            const ptrdiff_t row = count - 2 * behind;
            good &= FN(write_slopes)(w, p, row, w->firsts + (row + j->below) % (j->above + 1) * w->room + w->right, &t);
        }
    return good;
}

/* As FN(run). */
static int FN(derive)(const job *j) {
    FN(slope) w;
    int good = 1;
    if (!FN(prepare)(&w, j)) return -1;
    for (ptrdiff_t piece = 0; piece < j->pieces; piece += w.group)
        for (ptrdiff_t at = 0; at < j->core_run; at += w.strip) {
            FN(part) p = {.piece = piece, .at = at};
            p.members = j->pieces - piece < w.group ? j->pieces - piece : w.group;
            p.length = j->core_run - at < w.strip ? j->core_run - at : w.strip;
            if (w.reach && w.strip < j->run) {  /* where the last strip had elements, this one may have none */
                REAL *const padded[] = {w.x, w.turned, w.dy, w.ratios};
                for (int k = 0; k < 4; k++) memset(padded[k], 0, (size_t)w.room * sizeof(REAL));
            }
            good &= FN(derive_part)(&w, &p);
        }
    free(w.memory);
    return good;
}

#undef NOT_DIRECT
