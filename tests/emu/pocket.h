/* SPDX-License-Identifier: Apache-2.0 */
/* A phone in a folder of its own, and the time that these tests have for it. */
#ifndef TESTS_EMU_POCKET_H
#define TESTS_EMU_POCKET_H

#include "bench.h"

#include <emu/phone/phone.h>

struct pocket {
    struct bench bench;
    struct phone phone;
    struct lethe_device now; /* as it was found last */
    struct lethe_held *held;
    struct lethe_io_spec spec;
    struct lethe_io *io;
};

/* One phone "pocket"; PHONE is its `phone`, a YAML flow mapping without braces. */
void pocket_new(struct pocket *pocket, const char *phone);
void pocket_end(struct pocket *pocket);
/* Until it is on its port in another enumeration than `now`; its mode. Fails after 5 s. */
enum lethe_phone_mode pocket_wait(struct pocket *pocket);
/* Is it still away after MS? */
bool pocket_is_lost(struct pocket *pocket, unsigned ms);
/* Claim it and open it as a worker does, with this bench's key. */
void pocket_open(struct pocket *pocket);
void pocket_close(struct pocket *pocket);
json_int_t pocket_remains(struct pocket *pocket, const char *area);

#endif
