/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Let in by a phone: only when an operator asks for it, since somebody must read a question on its
 * screen and answer it.
 */
#include <base/time.h>
#include <io/apple.h>
#include <phone/adb.h>
#include <time.h>
#include <worker/worker.h>

#define ASK_AGAIN_MS 1000

static void rest(unsigned ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
}

static int pair_apple(struct lethe_io *io, uint64_t until, struct lethe_error *err)
{
    enum lethe_apple_pairing pairing;
    for (;;) {
        struct lethe_apple_answer answer = {0};
        io->ops->apple->pair(io, LETHE_APPLE_MS, &answer);
        pairing = lethe_apple_pairing_of(&answer);
        bool paired = lethe_apple_ok(&answer);
        lethe_apple_answer_clear(&answer);
        if (paired)
            return 0;
        bool wait = pairing == LETHE_PAIRING_DIALOG || pairing == LETHE_PAIRING_LOCKED;
        if (!wait || lethe_monotonic_ms() >= until)
            break;
        rest(ASK_AGAIN_MS);
    }
    lethe_fail(err, LETHE_E_UNTRUSTED,
               pairing == LETHE_PAIRING_DIALOG   ? "nobody tapped Trust in time"
               : pairing == LETHE_PAIRING_LOCKED ? "nobody unlocked it in time"
                                                 : "it does not pair with this bench");
    lethe_error_remedy(err, "%s", lethe_apple_pairing_advice(pairing));
    return -LETHE_E_UNTRUSTED;
}

int lethe_phone_pair(struct lethe_io *io, unsigned prompt_ms, struct lethe_error *err)
{
    if (io->ops->apple)
        return pair_apple(io, lethe_monotonic_ms() + prompt_ms, err);
    struct lethe_adb *adb = NULL;
    int rc = lethe_adb_connect(io, prompt_ms, &adb, err);
    lethe_adb_free(adb);
    return rc;
}
