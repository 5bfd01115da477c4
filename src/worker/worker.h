/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside a worker process: one device handle, no key, a sandbox. The supervisor's side of the
 * same conversation is src/station/; the words exchanged are in <lethe/job.h>.
 */
#ifndef LETHE_WORKER_WORKER_H
#define LETHE_WORKER_WORKER_H

#include <base/program.h>
#include <lethe/job.h>

/* Datagram by which the supervisor says: step.begin is durable, go on (rule 3). */
#define LETHE_MESSAGE_GO "go"
#define LETHE_WORKER_FD 3
#define LETHE_WORKER_QUEUE_DEPTH 32
#define LETHE_WORKER_BUFFERS ((size_t)12 << 20)
/* Of a processor: for who only asks a phone or tells it to erase itself, and for who fills one. */
#define LETHE_WORKER_CPU_ASKING 300
#define LETHE_WORKER_CPU_FILLING (4 * 3600)
#define LETHE_WORKER_MEMORY ((size_t)256 << 20) /* address space, code and libraries included */

/* What protects the bench from this worker, in words for the record. */
struct lethe_sandbox {
    char seccomp[24];      /* "filter" or "off: sanitizer" */
    char capabilities[24]; /* "none" */
    char user[24];         /* "nobody" when started by root, else "unchanged" */
};
/* What a worker is to be left with. */
struct lethe_cell {
    enum lethe_role role;
    unsigned needs;       /* enum lethe_technique_needs */
    unsigned cpu_seconds; /* 0: as many as it takes */
};
/* Of a phone (DRIVER says so), IO tells what it asks of a cell. False, and nothing changed: it is
 * none. */
bool lethe_cell_of_phone(const struct lethe_driver *driver, const struct lethe_io *io,
                         struct lethe_cell *cell);
/*
 * Give up everything a worker does not need: capabilities, the root user, new descriptors,
 * processes, core dumps, and every system call that is not on the list in sandbox.c (a verifier
 * can't write or ioctl, nobody can open or make a socket). An eraser keeps what its techniques
 * need: the one capability, and the pass-through ioctls by their numbers. Who talks to a phone
 * keeps the ioctls of bulk transfers, or UNIX sockets: these only in a jail, which its opening has
 * entered (io/jail.h). Can't be undone.
 */
int lethe_sandbox_enter(const struct lethe_cell *cell, struct lethe_sandbox *out,
                        struct lethe_error *err);

/* One datagram on FD: a JSON object, and descriptors into SPEC. */
int lethe_worker_receive(int fd, json_t **order, struct lethe_io_spec *spec,
                         struct lethe_error *err);

/* Make an io of what the supervisor sent: the driver's device, faults stacked on it if asked. */
int lethe_spec_attach(const struct lethe_io_spec *spec, struct lethe_io **out,
                      struct lethe_error *err);
/* Supervisor side of the same: add FAULTS and their shared counters to a driver's spec. */
int lethe_spec_add_faults(struct lethe_io_spec *spec, const json_t *faults, int state_fd,
                          struct lethe_error *err);

/* Before the sandbox. */
void lethe_recording_prepare(void);
/* EXCHANGE of a probe as a recording that names nobody: new reference. It is redacted in place. */
json_t *lethe_recording_make(const struct lethe_io_spec *spec,
                             const struct lethe_identity *identity,
                             const struct lethe_quirks *quirks, const struct lethe_facts *facts,
                             json_t *exchange, struct lethe_error *err);
/* To the supervisor: {"type":"recorded","text"}, one after the other. */
int lethe_recording_send(int fd, const json_t *recording, struct lethe_error *err);

/* pair.c: ask the phone to trust this bench, which somebody must allow on its screen within
 * PROMPT_MS. -LETHE_E_UNTRUSTED with what to do. */
#define LETHE_PAIR_PROMPT_MS 60000
int lethe_phone_pair(struct lethe_io *io, unsigned prompt_ms, struct lethe_error *err);

/* Carry the order out on IO, telling FD. 0, or negative when the supervisor can't be told. */
int lethe_runner_run(const struct lethe_order *order, struct lethe_io *io,
                     const struct lethe_sandbox *sandbox, int fd);

#endif
