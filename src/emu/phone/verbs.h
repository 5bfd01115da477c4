/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of `lethe-phone`. */
#ifndef LETHE_EMU_PHONE_VERBS_H
#define LETHE_EMU_PHONE_VERBS_H

#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>

#define VERB_MEMORIES_MAX 64
struct verb_options {
    const char *memory[VERB_MEMORIES_MAX];
    size_t n_memories;
    const char *listen, *socket, *records;
    bool tied, preflight;
    int port; /* of vhci_hcd; below 0: any */
};
/* Until the phone has left, or nobody listens any more. 0, or negative with an error. */
int verb_link(const struct verb_options *options, struct lethe_error *err);
int verb_muxd(const struct verb_options *options, struct lethe_error *err);
int verb_usbip(const struct verb_options *options, struct lethe_error *err);
/* TCP for Debian's adb and fastboot: until they are killed. */
int verb_adbd(const struct verb_options *options, struct lethe_error *err);
int verb_fastboot(const struct verb_options *options, struct lethe_error *err);
int verb_state(const struct verb_options *options, struct lethe_error *err);
/* By the hands of a person, in its settings: it erases itself as it would be told to, and restarts.
 */
int verb_reset(const struct verb_options *options, struct lethe_error *err);

/* The parent is told that all is well and ends; the child is nobody's. Call when ready to serve. */
int verb_detach(struct lethe_error *err);

#endif
