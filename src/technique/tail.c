/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the device as large as it says? One of false capacity wraps its addresses: what is written low
 * appears high, too, and after fixed bytes were written everywhere all of it reads as expected. So
 * each pass, before its first byte, marks the last blocks with bytes that no pass writes, and
 * writes them last, when they still hold the marks. The highest address always shares its block
 * with a lower one on such a drive, whatever its real size: its mark is gone by then, or never
 * stood.
 */
#include "io/failure.h"
#include "technique/pass.h"

#include <errno.h>
#include <string.h>

#define TRANSIENT_TRIES 5

static int tail_transfer(const struct lethe_pass *pass, bool write, size_t at, size_t len)
{
    struct lethe_io *io = pass->run->io;
    int rc, tries = 0;
    do
        rc = write ? lethe_io_write(io, pass->mark + at, len, pass->tail + at)
                   : lethe_io_read(io, pass->back + at, len, pass->tail + at);
    while (rc < 0 && lethe_io_failure(-rc) == LETHE_FAILURE_TRANSIENT && ++tries < TRANSIENT_TRIES);
    return rc;
}

/* Each block alone where they can't be moved at once; those of bad sectors no longer stand. */
static int tail_move(struct lethe_pass *pass, bool write, struct lethe_error *err)
{
    size_t len = (size_t)(pass->run->capacity - pass->tail);
    int rc = tail_transfer(pass, write, 0, len);
    if (rc == 0)
        return 0;
    for (size_t i = 0; i * pass->block < len; i++) {
        rc = tail_transfer(pass, write, i * pass->block, pass->block);
        if (rc < 0 && lethe_io_failure(-rc) != LETHE_FAILURE_SECTOR)
            return lethe_pass_fail(pass, write ? "writing" : "reading", -rc,
                                   pass->tail + i * pass->block, err);
        if (rc < 0)
            pass->standing &= ~(1U << i);
    }
    return 0;
}

/* Do those that stand read as they were written? */
static bool tail_same(const struct lethe_pass *pass)
{
    for (size_t i = 0; i < LETHE_TAIL_BLOCKS; i++) {
        size_t at = i * pass->block;
        if ((pass->standing >> i & 1) && memcmp(pass->mark + at, pass->back + at, pass->block) != 0)
            return false;
    }
    return true;
}

static int tail_fail(const char *what, const char *remedy, struct lethe_error *err)
{
    lethe_fail(err, LETHE_E_IO, "%s", what);
    lethe_error_effect(err, "NOT sanitised: partly overwritten");
    lethe_error_remedy(err, "%s", remedy);
    return -LETHE_E_IO;
}

static int tail_judge(struct lethe_pass *pass, const char *otherwise, struct lethe_error *err)
{
    int rc = tail_move(pass, false, err);
    if (rc < 0)
        return rc;
    if (!tail_same(pass))
        return tail_fail(otherwise, "this drive lies about its size: destroy it", err);
    return 0;
}

static unsigned tail_all(const struct lethe_pass *pass)
{
    return (1U << (pass->run->capacity - pass->tail) / pass->block) - 1;
}

int lethe_tail_mark(struct lethe_pass *pass, struct lethe_error *err)
{
    pass->standing = tail_all(pass);
    int rc = tail_move(pass, true, err);
    if (rc < 0)
        return rc;
    if ((rc = lethe_io_sync(pass->run->io)) < 0)
        return lethe_pass_fail(pass, "flushing", -rc, pass->tail, err);
    pass->flushes++;
    return tail_judge(pass,
                      "marks written to the last blocks do not read back: the device has less "
                      "capacity than it says",
                      err);
}

int lethe_tail_check(struct lethe_pass *pass, struct lethe_error *err)
{
    int rc = tail_judge(pass,
                        "the last blocks changed while others were written: the device has less "
                        "capacity than it says",
                        err);
    if (rc < 0 || pass->standing)
        return rc;
    return tail_fail("none of the last blocks can be written and read: whether the device is as "
                     "large as it says can't be told",
                     "look at cable and slot and erase it again; if it fails again, destroy it",
                     err);
}

int lethe_tail_stands(struct lethe_pass *pass, struct lethe_error *err)
{
    pass->standing = tail_all(pass);
    int rc = tail_move(pass, false, err);
    return rc < 0 ? rc : pass->standing && tail_same(pass);
}
