/* What one call is asked for, and what both halves of the file need to know of numbers by their bits.
 *
 * A block is pieces of rows of runs. Windows reach over rows, along runs, or both. Lengths, strides, indices
 * and `budget` count elements; addresses and `nbytes` count bytes.
 */
#ifndef LRN_JOB_H
#define LRN_JOB_H

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Where sums are kept in more digits than their type has, as on the x87, they are not those of NumPy. */
#if FLT_EVAL_METHOD != 0
#error "this machine computes in other types than it stores"
#endif

enum { NOT_DIRECT = -1, FLOAT32, FLOAT64, FLOAT16, UINT8, TYPES };
enum { PIXELS = 128 };  /* that are taken at once */
enum { FIRST_POWER, SQUARE_ROOT, THREE_QUARTERS, ANY_POWER, POWERS };

static const ptrdiff_t itemsize[TYPES] = {4, 8, 2, 1};

/* An array of the block's shape, or of that of its core. */
typedef struct {
    char *at;                      /* the first element */
    const char *memory;            /* what belongs to the array */
    ptrdiff_t nbytes;
    ptrdiff_t piece, row, step;    /* from one to the next; a step goes along a run */
    int type;
} array;

typedef struct {
    array in, out;
    array dy;                                         /* where a gradient is wanted: by each result of the block */
    ptrdiff_t pieces, rows, run;                      /* shape of the block */
    ptrdiff_t first_row, core_rows, first, core_run;  /* its core, whose results are written */
    ptrdiff_t above, below;                           /* the window over rows */
    ptrdiff_t left, right, hop;                       /* the window along a run, whose members lie `hop` apart */
    int covers;                                       /* one sum serves all rows */
    int wide;                                         /* computed in double */
    int power;
    double scale, bias, beta;
    double low, high;                                 /* bases that ANY_POWER takes */
    double least, most, largest;                      /* powers, and sizes of results, that have lost nothing; of a
                                                         gradient, dy that are not 0 are `least` or more */
    ptrdiff_t budget, shortest;                       /* scratch memory to aim for, and least elements of a run at once */
} job;

/* Whether n elements lie at indices 0 and above of something that is `length` long. */
static int lies_in(ptrdiff_t first, ptrdiff_t n, ptrdiff_t length) {
    return first >= 0 && n > 0 && first <= length && n <= length - first;
}

/* Whether an array of that shape stays inside its memory. */
static int stays_inside(const array *a, ptrdiff_t pieces, ptrdiff_t rows, ptrdiff_t run) {
    const ptrdiff_t lengths[] = {pieces, rows, run}, strides[] = {a->piece, a->row, a->step};
    const ptrdiff_t limit = PTRDIFF_MAX / 64;  /* three products of eight bytes each do not overflow */
    ptrdiff_t before = 0, behind = 1;
    for (int axis = 0; axis < 3; axis++) {
        const ptrdiff_t size = strides[axis] < 0 ? -strides[axis] : strides[axis];
        if (lengths[axis] < 1 || size < 0 || size > limit || (size > 0 && lengths[axis] > limit / size)) return 0;
        *(strides[axis] < 0 ? &before : &behind) += (lengths[axis] - 1) * size;
    }
    const ptrdiff_t offset = a->at - a->memory;
    return a->nbytes > 0 && offset >= 0 && offset <= a->nbytes && before <= offset / itemsize[a->type]
        && behind <= (a->nbytes - offset) / itemsize[a->type];
}

static int is_apart(const array *a, const array *b) {
    return (uintptr_t)a->memory + (uintptr_t)a->nbytes <= (uintptr_t)b->memory
        || (uintptr_t)b->memory + (uintptr_t)b->nbytes <= (uintptr_t)a->memory;
}

/* NULL if a call can read and write only what belongs to it, else what is wrong. Python has seen to all of it. */
static const char *mistake(const job *j) {
    const ptrdiff_t reaches[] = {j->above, j->below, j->left, j->right}, most = PTRDIFF_MAX / 65536;
    if (j->in.type < 0 || j->in.type >= TYPES || j->out.type < 0 || j->out.type > FLOAT16) return "no such type";
    if (j->power < 0 || j->power >= POWERS || (j->power == ANY_POWER && !j->wide)) return "no such power";
    if (!lies_in(j->first_row, j->core_rows, j->rows) || !lies_in(j->first, j->core_run, j->run)) return "core outside";
    if (!stays_inside(&j->in, j->pieces, j->rows, j->run)) return "input outside of its memory";
    if (!stays_inside(&j->out, j->pieces, j->core_rows, j->core_run)) return "output outside of its memory";
    if (!is_apart(&j->in, &j->out)) return "output over input";
    if (j->dy.at) {
        if (j->dy.type < 0 || j->dy.type >= TYPES || !j->wide) return "no such gradient";
        if (!stays_inside(&j->dy, j->pieces, j->rows, j->run)) return "dy outside of its memory";
        if (!is_apart(&j->dy, &j->out)) return "output over dy";
    }
    /* A window may be larger than a block at the border of a tensor; but scratch memory has a size that can be counted. */
    if (j->hop < 1 || j->hop > j->run) return "neighbours beyond the run";
    for (int k = 0; k < 4; k++)
        if (reaches[k] < 0 || reaches[k] > most / (k < 2 ? 1 : j->hop)) return "window too large";
    if (j->budget < 0 || j->shortest < 1 || j->shortest > most) return "no such amount of scratch memory";
    if (j->covers && j->left + j->right) return "one sum for a window along runs";
    return NULL;
}

static inline float float_of(uint32_t bits) { float f; memcpy(&f, &bits, sizeof f); return f; }
static inline uint32_t bits_of(float f) { uint32_t bits; memcpy(&bits, &f, sizeof bits); return bits; }
static inline double double_of(uint64_t bits) { double d; memcpy(&d, &bits, sizeof d); return d; }
static inline uint64_t wide_bits_of(double d) { uint64_t bits; memcpy(&bits, &d, sizeof bits); return bits; }

/* A half's bits in a float's place are 2^112 too small, as the biases of the exponents are 15 and 127. */
static inline float widened(uint16_t half) {
    const uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13, sign = (uint32_t)(half & 0x8000) << 16;
    const uint32_t infinite = magnitude >= 0x0f800000u ? 0x7f800000u : 0;
    return float_of(bits_of(float_of(magnitude) * 0x1p112f) | sign | infinite);
}

/* Half-way goes to the even neighbour: rounded up from just above half, from half if odd. As `halves.Narrowing` has it:
 * below the normal halves what lies within 2^-25 of half-way counts as half-way. */
static inline uint16_t narrowed(float f) {
    const uint32_t bits = bits_of(f * 0x1p-112f), magnitude = bits & 0x7fffffffu;
    return (uint16_t)((magnitude + ((magnitude >> 13) & 1) + 0xfff) >> 13 | (bits >> 16 & 0x8000));
}

/* From double as NumPy does it, rounded once: below the normal halves the last place is 2^-24, which is that of 2^28. */
static inline uint16_t narrowed_wide(double d) {
    const uint64_t bits = wide_bits_of(d), magnitude = bits & 0x7fffffffffffffffu;
    const uint64_t rebased = magnitude - ((uint64_t)1008 << 52);
    const uint64_t normal = (rebased + ((rebased >> 42) & 1) + 0x1ffffffffffu) >> 42;
    const uint64_t small = wide_bits_of(double_of(magnitude) + 0x1p28);
    return (uint16_t)((magnitude < ((uint64_t)1009 << 52) ? small : normal) & 0x7fff) | (uint16_t)(bits >> 48 & 0x8000);
}

#endif
