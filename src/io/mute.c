/* SPDX-License-Identifier: Apache-2.0 */
#include "io/phone/phone.h"

#include <errno.h>
#include <stdlib.h>

static void mute_close(struct lethe_io *io)
{
    free(io);
}

static const struct lethe_io_ops mute_ops = {.name = "mute", .close = mute_close};

int lethe_io_mute_open(struct lethe_io **out, struct lethe_error *err)
{
    struct lethe_io *io = calloc(1, sizeof(*io));
    if (!io)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    io->ops = &mute_ops;
    *out = io;
    return 0;
}
