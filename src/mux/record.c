/* SPDX-License-Identifier: Apache-2.0 */
/* The one pair record: in memory, and in a file of Lethe's state directory. It holds keys. */
#include "mux/mux.h"

#include <base/crypto.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void lethe_mux_record_clear(struct lethe_mux_record *record)
{
    if (record->data)
        lethe_wipe(record->data, record->len);
    free(record->data);
    record->data = NULL;
    record->len = 0;
}

int lethe_mux_record_load(struct lethe_mux_record *record, struct lethe_error *err)
{
    struct stat st;
    if (record->fd < 0)
        return 0;
    if (fstat(record->fd, &st) < 0)
        return lethe_fail_errno(err, errno, "the pair record can't be read");
    if (st.st_size <= 0 || (uint64_t)st.st_size > LETHE_MUX_RECORD_MAX)
        return 0; /* none yet, or not ours */
    size_t len = (size_t)st.st_size;
    uint8_t *data = malloc(len);
    if (!data)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    if (pread(record->fd, data, len, 0) != (ssize_t)len) {
        free(data);
        return lethe_fail_errno(err, errno, "the pair record can't be read");
    }
    lethe_mux_record_clear(record);
    record->data = data;
    record->len = len;
    record->kept = true;
    return 0;
}

/* Shorter than whole is no plist, and so no record: a crash in here costs a tap on Trust. */
static int store(struct lethe_mux_record *record)
{
    if (record->fd < 0)
        return 0;
    record->kept = true;
    return ftruncate(record->fd, 0) == 0 &&
                   pwrite(record->fd, record->data, record->len, 0) == (ssize_t)record->len &&
                   fsync(record->fd) == 0
               ? 0
               : -LETHE_E_IO;
}

int lethe_mux_record_set(struct lethe_mux_record *record, const void *data, size_t len,
                         bool durable)
{
    uint8_t *copy = len > 0 && len <= LETHE_MUX_RECORD_MAX ? malloc(len) : NULL;
    if (!copy)
        return -LETHE_E_LIMIT;
    memcpy(copy, data, len);
    lethe_mux_record_clear(record);
    record->data = copy;
    record->len = len;
    return durable ? store(record) : 0;
}

void lethe_mux_record_delete(struct lethe_mux_record *record)
{
    lethe_mux_record_clear(record);
    record->gone = !record->pairing;
    record->borrow &= record->gone;
    if (record->kept && !record->pairing)
        return; /* the job may be cut short, and whoever resumes it has to ask with it again */
    record->kept = false;
    if (record->fd >= 0) {
        /* Its blocks hold keys that nothing trusts any more. */
        (void)!ftruncate(record->fd, 0);
        (void)!fsync(record->fd);
    }
}
