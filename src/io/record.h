/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An exchange with a device, written down (docs/recordings.md) and played back: what a device that
 * somebody owns answers to an inventory becomes a test that needs no device.
 */
#ifndef LETHE_IO_RECORD_H
#define LETHE_IO_RECORD_H

#include <lethe/io.h>

#define LETHE_RECORDING_FORMAT "lethe-recording-1"
#define LETHE_RECORDING_MAX ((size_t)4 << 20) /* bytes of its file */
#define LETHE_RECORDING_ENTRIES_MAX 4096

/* A filter that appends each command, value and message to EXCHANGE, an array of the caller's. It
 * is for looking: writes are refused, and contents of blocks are not kept. On success LOWER is
 * owned by the result. What is beyond the bounds is counted in an entry {"op":"lost","n":N}. */
int lethe_record_open(struct lethe_io *lower, json_t *exchange, struct lethe_io **out,
                      struct lethe_error *err);

/* The device of an EXCHANGE: to each question the answer that it had, in order; EIO for one that
 * was not asked. */
int lethe_replay_open(const json_t *exchange, struct lethe_io **out, struct lethe_error *err);
/* Questions so far that were not in the recording. */
unsigned lethe_replay_strangers(const struct lethe_io *io);

/* What must not be told of a device and its owner. */
struct lethe_redaction {
    uint8_t salt[32]; /* thrown away: nobody can try serial numbers out */
    size_t n;
    char known[48][96];
};
void lethe_redaction_begin(struct lethe_redaction *redaction);
/* A serial number, IMEI ... of this device: replaced wherever it is found, whatever its spelling.
 */
void lethe_redaction_know(struct lethe_redaction *redaction, const char *identifier);
/* In place. Each of them becomes others of the same length and kind, the same ones everywhere;
 * likewise what looks like an address, a name of an account, or the number of a phone or a card. */
int lethe_redact_bytes(const struct lethe_redaction *redaction, uint8_t *data, size_t len);
/* All texts below JSON; of property lists and lockdown values all but those known to be harmless.
 */
int lethe_redact_json(const struct lethe_redaction *redaction, json_t *json);
int lethe_redact_exchange(const struct lethe_redaction *redaction, json_t *exchange);

#endif
