/* The passes of `lrn_cli.arithmetic` over a block, compiled, and how far results are from
 * others. Callers have checked every shape. */

#ifndef _WIN32
#include <pyconfig.h>
#endif
/* Python without the lock has no limited interface; where there is one, one binary serves all versions from 3.10 on. */
#ifndef Py_GIL_DISABLED
#define Py_LIMITED_API 0x030A0000
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "job.h"

/* What tells these sources from any others; see build.py. */
#ifndef LRN_SOURCES
#define LRN_SOURCES 0
#endif

/* Loops whose rounds are independent of each other, although pointers might say otherwise. */
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define INDEPENDENT _Pragma("GCC ivdep")
#elif defined(_MSC_VER)
#define INDEPENDENT __pragma(loop(ivdep))
#else
#define INDEPENDENT
#endif

#define JOIN_AS_THEY_ARE(a, b, c) a##b##c
#define JOIN(a, b, c) JOIN_AS_THEY_ARE(a, b, c)

/* Constants of `power`: bits of 1 and of the root of 1/2; of the series, 2 log2(e) / k and (log 2)^k / k!; and of
 * polynomials of fewer terms that come as near as their number allows, from powers.py. */
#define ONE 0x3ff0000000000000u
#define ROOT_OF_HALF 0x3fe6a09e667f3bcdu
#define L(k) (2.0 / k * 1.4426950408889634)
#define G1 6.9314718055994531e-01
#define G2 2.4022650695910072e-01
#define G3 5.5504108664821580e-02
#define G4 9.6181291076284769e-03
#define G5 1.3333558146428443e-03
#define G6 1.5403530393381608e-04
#define G7 1.5252733804059841e-05
#define G8 1.3215486790144307e-06
#define G9 1.0178086009239699e-07
#define G10 7.0549116208011234e-09
#define G11 4.4455382718708112e-10
#define G12 2.5678435993488206e-11
#define G13 1.3691488853904129e-12
#define M1 2.885390081845409
#define M3 0.9617966482968237
#define M5 0.5770866466535485
#define M7 0.41153408433056604
#define M9 0.342822691085032
#define H1 6.9314718054123259e-01
#define H2 2.4022650694742570e-01
#define H3 5.5504109592289186e-02
#define H4 9.6181295588429385e-03
#define H5 1.3333434157479589e-03
#define H6 1.5403098284094818e-04
#define H7 1.5314209240824323e-05
#define H8 1.3344183961535526e-06

#define VARIANT baseline
#include "variant.h"
#undef VARIANT

/* AVX2 without FMA, and with the conversions of halves that all such processors have: no function is chosen by the loader, which not every system can, and a test may ask for either. */
#if defined(__GNUC__) && defined(__x86_64__)
#define HAVE_AVX2
#include <cpuid.h>
#include <immintrin.h>
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,f16c"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,f16c")
#endif
#define VARIANT avx2
#define CONVERTS_HALVES
#include "variant.h"
#undef CONVERTS_HALVES
#undef VARIANT
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

typedef struct {
    const char *name;
    int (*run)(const job *);
    int (*measure)(const double *, const char *, int, ptrdiff_t, double, nearness *);
} variant;

/* The best first. */
static const variant all[] = {
#ifdef HAVE_AVX2
    {"AVX2", run_avx2, measure_avx2},
#endif
    {"baseline", run_baseline, measure_baseline},
};
enum { COUNT = sizeof all / sizeof *all };

static int runs_here(const variant *v) {
#ifdef HAVE_AVX2
    if (v->run == run_avx2) {
        unsigned a, b, c = 0, d;
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx2") && __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
    }
#endif
    return v->run != NULL;
}

static const variant *find(const char *name) {
    for (int k = 0; k < COUNT; k++)
        if (!strcmp(all[k].name, name) && runs_here(&all[k])) return &all[k];
    return NULL;
}

PyDoc_STRVAR(normalize_doc, "Normalise a block, or where dy is given take its gradient; False where something may have "
                            "left its range, and nothing counts.");

static PyObject *normalize(PyObject *self, PyObject *args) {
    unsigned long long in, in_memory, out, out_memory, dy = 0, dy_memory = 0;
    const char *name;
    job j = {0};
    (void)self;
    if (!PyArg_ParseTuple(args, "s(KKnnnni)(KKnnnni)(nnn)(nnnn)(nnnnn)iii(dddddddd)(nn)|(KKnnnni):normalize", &name,
                          &in, &in_memory, &j.in.nbytes, &j.in.piece, &j.in.row, &j.in.step, &j.in.type,
                          &out, &out_memory, &j.out.nbytes, &j.out.piece, &j.out.row, &j.out.step, &j.out.type,
                          &j.pieces, &j.rows, &j.run, &j.first_row, &j.core_rows, &j.first, &j.core_run,
                          &j.above, &j.below, &j.left, &j.right, &j.hop, &j.covers, &j.wide, &j.power,
                          &j.scale, &j.bias, &j.beta, &j.low, &j.high, &j.least, &j.most, &j.largest, &j.budget, &j.shortest,
                          &dy, &dy_memory, &j.dy.nbytes, &j.dy.piece, &j.dy.row, &j.dy.step, &j.dy.type))
        return NULL;
    j.in.at = (char *)(uintptr_t)in, j.in.memory = (const char *)(uintptr_t)in_memory;
    j.out.at = (char *)(uintptr_t)out, j.out.memory = (const char *)(uintptr_t)out_memory;
    j.dy.at = (char *)(uintptr_t)dy, j.dy.memory = (const char *)(uintptr_t)dy_memory;
    const variant *chosen = find(name);
    const char *wrong = chosen ? mistake(&j) : "no such variant on this machine";
    if (wrong) {
        PyErr_SetString(PyExc_ValueError, wrong);
        return NULL;
    }
    int good;
    Py_BEGIN_ALLOW_THREADS
    good = chosen->run(&j);
    Py_END_ALLOW_THREADS
    if (good < 0) return PyErr_NoMemory();
    return PyBool_FromLong(good);
}

PyDoc_STRVAR(nearness_doc, "How far results are from what they should be; None where one needs a closer look.");

static PyObject *measure(PyObject *self, PyObject *args) {
    unsigned long long wanted, given, half;
    const char *name;
    int type;
    ptrdiff_t count, wanted_bytes, given_bytes;
    double known;
    nearness n = {0};
    (void)self;
    if (!PyArg_ParseTuple(args, "s(Kn)(Kni)nd(dddK):nearness", &name, &wanted, &wanted_bytes,
                          &given, &given_bytes, &type, &count, &known, &n.eps, &n.normal, &n.largest, &half))
        return NULL;
    const variant *chosen = find(name);
    const char *wrong = !chosen ? "no such variant on this machine" : type < 0 || type > FLOAT16 ? "no such type" : NULL;
    if (!wrong && (count < 1 || count > wanted_bytes / itemsize[FLOAT64] || count > given_bytes / itemsize[type]))
        wrong = "results outside of their memory";
    if (wrong) {
        PyErr_SetString(PyExc_ValueError, wrong);
        return NULL;
    }
    n.half = half;
    int good;
    Py_BEGIN_ALLOW_THREADS
    good = chosen->measure((const double *)(uintptr_t)wanted, (const char *)(uintptr_t)given, type, count, known, &n);
    Py_END_ALLOW_THREADS
    if (!good) Py_RETURN_NONE;
    return Py_BuildValue("(dnd)", n.ulps, n.place, n.relative);
}

PyDoc_STRVAR(variants_doc, "The names of the variants that run on this machine, the best first.");

static PyObject *variants(PyObject *self, PyObject *args) {
    const char *found[2] = {NULL, NULL};
    int count = 0;
    (void)self, (void)args;
    for (int k = 0; k < COUNT; k++)
        if (runs_here(&all[k])) found[count++] = all[k].name;
    return count > 1 ? Py_BuildValue("(ss)", found[0], found[1]) : Py_BuildValue("(s)", found[0]);
}

PyDoc_STRVAR(sources_doc, "The digest of the sources that this was made of.");

static PyObject *sources(PyObject *self, PyObject *args) {
    (void)self, (void)args;
    return PyLong_FromUnsignedLongLong(LRN_SOURCES);
}

static PyMethodDef methods[] = {
    {"normalize", normalize, METH_VARARGS, normalize_doc},
    {"nearness", measure, METH_VARARGS, nearness_doc},
    {"variants", variants, METH_NOARGS, variants_doc},
    {"sources", sources, METH_NOARGS, sources_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},  /* nothing here is shared between calls */
#endif
    {0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_native", NULL, 0, methods, slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__native(void) { return PyModuleDef_Init(&module); }
