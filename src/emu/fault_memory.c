/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that answer with what they held before the erasure. */
#include "emu/fault.h"
#include <errno.h>
#include <unistd.h>

/* stale-read: an opening that has written nothing gets some old blocks (a stale mapping after a
 * remount). overlay-reveal: who may write sees what was written; everyone later sees the old. */
static bool remembers(const struct fault *fault)
{
    const struct fault_session *session = fault->session;
    return fault->rule.kind == FAULT_OVERLAY_REVEAL ? !session->writable : !session->wrote;
}

/* Over what the lower device just said, so that its ends and errors stay as they are. */
static ssize_t remember_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    struct fault *fault = fault_of(io);
    bool covered;
    ssize_t got = fault_pread(io, buf, len, offset);
    if (got <= 0 || !remembers(fault) || !fault_fires(fault, false, offset, (size_t)got))
        return got;
    for (size_t done = 0, n; done < (size_t)got; done += n) {
        n = fault_run(fault, offset + done, (size_t)got - done, &covered);
        if (covered &&
            pread(fault->session->old, (char *)buf + done, n, (off_t)(offset + done)) != (ssize_t)n)
            return -EIO;
    }
    return got;
}

const struct lethe_io_ops fault_ops_remember = {.name = "remember",
                                                .info = fault_info,
                                                .pread = remember_pread,
                                                .pwrite = fault_pwrite,
                                                .sync = fault_sync,
                                                .command = fault_command,
                                                .close = fault_close};
