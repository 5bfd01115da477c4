/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An emulated iPhone, its usbmuxd, a job's proxy in front of it, and work in processes of its own:
 * as a worker's, they are shut into the proxy's directory.
 */
#ifndef TESTS_IPHONE_LIVE_H
#define TESTS_IPHONE_LIVE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <io/mux.h>
#include <lethe/emu.h>
#include <lethe/technique.h>
#include <string.h>

struct live {
    char dir[64], udid[64], memory[128], upstream[128], record[128], records[128];
    struct lethe_device_list list;
    int phone; /* leash of its usbmuxd */
    bool pairing, borrow;
    bool preflight; /* its usbmuxd, once it begins again, pairs by itself as the real one does */
};

/* WITH: further lines below `phone:` of the emulation file. */
void live_begin(struct live *live, const char *personality, const char *with);
void live_end(struct live *live);
/* Its usbmuxd ends, or begins. */
void live_muxd(struct live *live, bool runs);

/* Do WORK with the phone's io in a process that sees what a worker would; what it returns (NULL: it
 * died). A proxy is started and ended around it. */
typedef json_t *live_work(struct lethe_io *io, const json_t *argument);
json_t *live_do(struct live *live, live_work *work, const json_t *argument);

/* Pair as an operator would ask for it; until accepted, at most TRIES times. Last error. */
json_t *live_pair(struct live *live, int tries);
/* The step of TECHNIQUE: {"rc", "what", "evidence"}; and its observation: {"findings"}. */
json_t *live_erase(struct live *live, const char *technique);
json_t *live_observe(struct live *live, const char *technique, const json_t *evidence);
/* As the supervisor does with what an observation has shown: its keys are of no use any more. */
void live_forget(struct live *live);
/* Until it has left and is back, as the model tells it; false: within MS it is not. */
bool live_returned(struct live *live, unsigned ms);
/* Blocks of user data that are still as they were. */
json_int_t live_remains(struct live *live);

#endif
