/* SPDX-License-Identifier: Apache-2.0 */
/* An Android model in this process: its two bulk endpoints as an io, in whatever mode it is in. */
#ifndef ANDROID_BENCH_H
#define ANDROID_BENCH_H

#include <emu/phone/phone.h>
#include <lethe/technique.h>

struct android_bench {
    char dir[64], memory[128];
    json_t *config; /* of every io: the mode is of the one opened last */
    struct lethe_identity identity;
    struct lethe_run run;
    struct lethe_error err;
    uint8_t seed[32], sample_key[32];
    uint64_t generation; /* of its enumerations, before the last step */
    /* What the run told. */
    unsigned progress;
    unsigned intents;
};

#define BENCH_SERIAL "BENCH0001"
/* TRAITS: "storage=4MiB battery=12", separated by spaces; FAULTS: names, so too. MODE: the first.
 * The bench's key is known to the phone unless TRAITS has "key=strange". */
void android_bench_begin(struct android_bench *bench, const char *mode, const char *traits,
                         const char *faults);
void android_bench_end(struct android_bench *bench);

/* The phone as it is on its port now, waited for at most two seconds; NULL: it does not come back.
 * Closed by lethe_io_close(). */
struct lethe_io *android_bench_plug(struct android_bench *bench);
enum lethe_phone_mode android_bench_mode(struct android_bench *bench);
/* After a step: it left, and is back, within two seconds. */
bool android_bench_returns(struct android_bench *bench);
/* By the serial number of its port? */
bool android_bench_is_same(struct android_bench *bench);
/* Blocks of the old owner's data that are still there, in all areas. */
long long android_bench_remains(struct android_bench *bench, const char *area);

/* One step of a plan by NAME, in a worker of its own as it were: 0 with its evidence. */
int android_bench_step(struct android_bench *bench, const char *name, json_t **evidence);
/* The STATE step behind it; the grade, why in bench->err.what. */
enum lethe_grade android_bench_judge(struct android_bench *bench, const char *name,
                                     const json_t *evidence);

#endif
