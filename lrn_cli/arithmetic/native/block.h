/* A block: cut into parts that stay in the cache, whose rows come one by one.
 *
 * Short runs are taken side by side, with gaps of zeros between them that are as wide as the window reaches, so that one
 * loop serves many. With a window of 2 before and 2 after along runs of 4:
 *   squares  0 0 x x x x 0 0 x x x x 0 0     the gap behind a run is the one before the next: `pitch` apart
 *   sums     s s s s . . s s s s             each stands where its window begins; those in the gaps are not used
 * A long run is taken in strips, with what their windows reach on both sides.
 */

typedef struct {
    const job *j;
    ptrdiff_t height, width, reach;  /* of the window: rows, elements of a run, and how far the last lies from the first */
    int direct;                      /* the type of elements and results, where they are read and written where they lie */
    int advances;                    /* the row that completes windows is squared where these are divided by, in one loop */
    ptrdiff_t keeps;                 /* how many rows are kept of those that have to be converted */
    ptrdiff_t group, strip, pitch;   /* pieces at once, elements of a run at once, and from one piece to the next */
    ptrdiff_t room;                  /* elements of a row in scratch memory */
    REAL *memory, *zeros, *squares, *results, *powers, *spare[3], *converted, *rows;
    FN(sums) sums;
} FN(block);

/* What is taken at once, of each row. */
typedef struct {
    ptrdiff_t piece, members;  /* the first of the pieces, and how many */
    ptrdiff_t at, length;      /* which part of the core's run */
    ptrdiff_t from, taken;     /* which elements of the run that needs */
    ptrdiff_t skipped;         /* zeros before them, for what windows reach beyond the run */
    ptrdiff_t sums;            /* how many sums that makes, those in the gaps included */
} FN(part);

/* Decide how the block is cut. Returns how many rows of scratch memory are kept, sums and what is converted. */
static ptrdiff_t FN(cut)(FN(block) *w, const job *j) {
    const ptrdiff_t gap = (j->left > j->right ? j->left : j->right) * j->hop;
    w->j = j;
    w->height = j->above + j->below + 1, w->width = j->left + j->right + 1, w->reach = (w->width - 1) * j->hop;
    const int in_runs = j->in.type == j->out.type && j->in.step == 1 && j->out.step == 1;
    w->direct = in_runs && (j->in.type == FLOAT32 || j->in.type == OWN_TYPE) ? j->in.type : NOT_DIRECT;
    /* Of windows of 4 to 6 rows no other sums are kept than those of two rows. */
    w->advances = !j->covers && !w->reach && w->height >= 4 && w->height <= 6;

    w->keeps = w->direct != NOT_DIRECT ? 0 : j->covers ? j->rows : j->below + 1;
    const ptrdiff_t kept = w->keeps + (j->covers ? j->rows : FN(measure)(&w->sums, w->height));
    ptrdiff_t wanted = j->budget / (kept + 5);
    if (wanted < j->shortest) wanted = j->shortest;
    const int whole = j->core_run == j->run && j->run + gap <= 4 * wanted;
    /* What a strip reads twice is little beside the rest. */
    const ptrdiff_t longest = wanted > 4 * w->reach ? wanted : 4 * w->reach;
    w->strip = whole || j->core_run < longest ? j->core_run : longest;
    w->pitch = w->strip + (whole ? gap : w->reach);
    w->group = wanted / w->pitch;
    if (w->group < 1) w->group = 1;
    if (w->group > j->pieces) w->group = j->pieces;
    /* An odd number of lines of the cache, or the same place of all rows would fall into the same few of them. */
    const ptrdiff_t nbytes = (w->group * w->pitch + 2 * w->reach + 32) * (ptrdiff_t)sizeof(REAL);
    w->room = (nbytes / 128 * 128 + 192) / (ptrdiff_t)sizeof(REAL);
    return kept;
}

/* Get the scratch memory; whether there was enough. */
static int FN(provide)(FN(block) *w, ptrdiff_t kept) {
    REAL **const buffers[] = {&w->zeros, &w->squares, &w->results, &w->powers, &w->spare[0], &w->spare[1], &w->spare[2]};
    const int count = sizeof buffers / sizeof *buffers;
    const size_t row = (size_t)w->room * sizeof(REAL);
    if ((size_t)(kept + count) > SIZE_MAX / 2 / row || !(w->memory = malloc((size_t)(kept + count) * row))) return 0;
    for (int k = 0; k < count; k++) *buffers[k] = w->memory + k * w->room;
    w->converted = w->memory + count * w->room, w->rows = w->converted + w->keeps * w->room;
    memset(w->memory, 0, (size_t)(count + w->keeps) * row);
    if (!w->j->covers) FN(place)(&w->sums, w->rows, w->room, w->zeros);
    return 1;
}

static FN(part) FN(choose)(const FN(block) *w, ptrdiff_t piece, ptrdiff_t at) {
    const job *j = w->j;
    FN(part) p = {.piece = piece, .at = at};
    p.members = j->pieces - piece < w->group ? j->pieces - piece : w->group;
    p.length = j->core_run - at < w->strip ? j->core_run - at : w->strip;
    const ptrdiff_t begin = j->first + at - j->left * j->hop, end = j->first + at + p.length + j->right * j->hop;
    p.from = begin < 0 ? 0 : begin;
    p.taken = (end > j->run ? j->run : end) - p.from;
    p.skipped = p.from - begin;
    p.sums = (p.members - 1) * w->pitch + p.length;
    return p;
}

/* Where an element of an array lies. */
static char *FN(address)(const array *a, ptrdiff_t piece, ptrdiff_t row, ptrdiff_t index) {
    return a->at + (piece * a->piece + row * a->row + index * a->step) * itemsize[a->type];
}

/* Where a row is kept that had to be converted: from when it is squared until results are made of it. */
static REAL *FN(kept)(const FN(block) *w, ptrdiff_t row) { return w->converted + row % w->keeps * w->room; }

static void FN(convert)(const FN(block) *w, const FN(part) *p, ptrdiff_t row) {
    const array *in = &w->j->in;
    REAL *to = FN(kept)(w, row) + p->skipped;
    for (ptrdiff_t k = 0; k < p->members; k++, to += w->pitch)
        FN(load)(to, FN(address)(in, p->piece + k, row, p->from), in->type, in->step, p->taken);
}

/* A member's part of a row of the core. */
static const void *FN(elements)(const FN(block) *w, const FN(part) *p, ptrdiff_t member, ptrdiff_t row) {
    const job *j = w->j;
    if (w->direct == NOT_DIRECT) return FN(kept)(w, row) + member * w->pitch + j->left * j->hop;
    return FN(address)(&j->in, p->piece + member, row, j->first + p->at);
}

/* The squares of one row of the block, and where there is a place for `pairs`, their sums with those of the row before. */
static void FN(square_row)(const FN(block) *w, const FN(part) *p, ptrdiff_t row, REAL *to, const REAL *before, REAL *pairs) {
    if (w->direct == NOT_DIRECT) {
        OF_TYPE(OWN_TYPE, square, (to, pairs, before, FN(kept)(w, row), p->sums + w->reach));
        return;
    }
    for (ptrdiff_t k = 0, at = p->skipped; k < p->members; k++, at += w->pitch) {
        const char *x = FN(address)(&w->j->in, p->piece + k, row, p->from);
        OF_TYPE(w->direct, square, (to + at, pairs ? pairs + at : NULL, pairs ? before + at : NULL, x, p->taken));
    }
}

/* Row number `count` of those that the windows reach; the first may lie outside of the block, and counts as zero.
 * Returns whether a whole window ends with it, whose sums are then those of t. */
static int FN(take)(const FN(block) *w, const FN(part) *p, ptrdiff_t count, FN(terms) *t) {
    const job *j = w->j;
    const ptrdiff_t row = j->first_row - j->above + count;
    REAL *slot = FN(slot)(&w->sums, &w->sums.doubled[0], count), *pairs = NULL;
    const REAL *before = NULL;
    const int later = w->advances && count >= w->height - 1 && row < j->rows;
    if (row < 0 || row >= j->rows) memset(slot, 0, (size_t)p->sums * sizeof(REAL));
    else {
        if (w->keeps) FN(convert)(w, p, row);
        if (w->reach) {
            FN(square_row)(w, p, row, w->squares, NULL, NULL);
            *t = FN(slide)(w->squares, w->zeros, w->spare, w->width, j->hop, p->sums);
            if (w->height == 1) return 1;
            FN(add_up)(slot, t->a, t->b, t->c, p->sums);
        } else {
            pairs = FN(pairs)(&w->sums, count, &before);
            if (!later) FN(square_row)(w, p, row, slot, before, pairs);
        }
    }
    const int whole = FN(push)(&w->sums, count, p->sums, pairs != NULL, t);
    if (later) t->squares = slot, t->pairs = pairs, t->before = before;
    return whole;
}

/* The results of one row of the core, from its sums, or from `powers` where these are there already. */
static int FN(write_row)(const FN(block) *w, const FN(part) *p, ptrdiff_t row, const FN(terms) *t, const REAL *powers) {
    const job *j = w->j;
    const array *out = &j->out;
    const ptrdiff_t source = j->first_row + row;
    int good = 1;
    if (!powers && p->members > 1 && w->pitch != p->length) {
        /* In one loop over all, gaps included, rather than in many short ones. */
        FN(raise)(w->powers, t->a, t->b, t->c, p->sums, j);
        powers = w->powers;
    }
    /* What is converted goes through at once, unless there are gaps, whose sums may be 0. */
    const ptrdiff_t together = w->keeps && w->pitch == p->length ? p->members : 1, n = together * p->length;
    for (ptrdiff_t k = 0, at = 0; k < p->members; k += together, at += together * w->pitch) {
        const void *x = FN(elements)(w, p, k, source);
        void *y = w->keeps ? (void *)w->results : (void *)FN(address)(out, p->piece + k, row, p->at);
        if (powers) good &= OF_TYPE(w->direct, divide, (y, x, powers + at, n, j));
        else if (!t->pairs) good &= OF_TYPE(w->direct, finish, (y, x, t->a + at, t->b + at, t->c + at, w->powers, n, j));
        else good &= OF_TYPE(w->direct, advance, (y, x, FN(elements)(w, p, k, source + j->below), t->squares + at,
                                                  t->pairs + at, t->before + at, t->a + at, t->b + at, w->powers, n, j));
        for (ptrdiff_t m = 0; m < together && w->keeps; m++)
            FN(store)(FN(address)(out, p->piece + k + m, row, p->at), w->results + m * p->length, out->type, out->step, p->length);
    }
    return good;
}

/* Add rows up in the order of `sums.fold`: the second half onto the first, and what is left over. */
static void FN(fold)(REAL *rows, ptrdiff_t count, ptrdiff_t room, ptrdiff_t n) {
    for (ptrdiff_t left = count, half; left > 1; left = half) {
        half = left / 2;
        for (ptrdiff_t k = 0; k < half; k++) FN(add)(rows + k * room, rows + k * room, rows + (k + half) * room, n);
        if (left % 2) FN(add)(rows, rows, rows + (left - 1) * room, n);
    }
}

/* One sum for all rows. */
static int FN(do_covered)(const FN(block) *w, const FN(part) *p) {
    const job *j = w->j;
    int good = 1;
    for (ptrdiff_t row = 0; row < j->rows; row++) {
        if (w->keeps) FN(convert)(w, p, row);
        FN(square_row)(w, p, row, w->rows + row * w->room, NULL, NULL);
    }
    FN(fold)(w->rows, j->rows, w->room, p->sums);
    FN(raise)(w->powers, w->rows, w->zeros, w->zeros, p->sums, j);
    for (ptrdiff_t row = 0; row < j->core_rows; row++) good &= FN(write_row)(w, p, row, NULL, w->powers);
    return good;
}

static int FN(do_part)(const FN(block) *w, const FN(part) *p) {
    FN(terms) t;
    int good = 1;
    if (w->j->covers) return FN(do_covered)(w, p);
    for (ptrdiff_t count = 0; count < w->j->core_rows + w->height - 1; count++)
        if (FN(take)(w, p, count, &t)) good &= FN(write_row)(w, p, count - w->height + 1, &t, NULL);
    return good;
}

/* Whether the block is whole pixels of three channels, side by side. */
static int FN(has_pixels)(const job *j) {
    const array *in = &j->in, *out = &j->out;
    return j->covers && j->rows == 3 && j->core_rows == 3 && in->type == out->type
        && (in->type == FLOAT32 || in->type == OWN_TYPE)
        && in->step == 3 && in->row == 1 && out->step == 3 && out->row == 1;
}

static int FN(do_pixels)(const job *j) {
    int good = 1;
    for (ptrdiff_t piece = 0; piece < j->pieces; piece++)
        good &= OF_TYPE(j->in.type, finish_pixels, (FN(address)(&j->out, piece, 0, 0),
                                                    FN(address)(&j->in, piece, 0, j->first), j->core_run, j));
    return good;
}

/* The whole of a job: 1 if all of it stayed in range, 0 if something may not have, -1 without memory. */
static int FN(run)(const job *j) {
    FN(block) w;
    int good = 1;
    if (FN(has_pixels)(j)) return FN(do_pixels)(j);
    if (!FN(provide)(&w, FN(cut)(&w, j))) return -1;
    for (ptrdiff_t piece = 0; piece < j->pieces; piece += w.group)
        for (ptrdiff_t at = 0; at < j->core_run; at += w.strip) {
            const FN(part) p = FN(choose)(&w, piece, at);
            if (w.reach && w.strip < j->run) {  /* where the last strip had elements, this one may have none */
                memset(w.squares, 0, (size_t)w.room * sizeof(REAL));
                memset(w.converted, 0, (size_t)(w.keeps * w.room) * sizeof(REAL));
            }
            good &= FN(do_part)(&w, &p);
        }
    free(w.memory);
    return good;
}
