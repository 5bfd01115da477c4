/* SPDX-License-Identifier: Apache-2.0 */
/* Where the program of phones registers what it alone is linked with. */
#include "io/phone/phone.h"

static const struct lethe_phone_io *registered;

void lethe_phone_io_use(const struct lethe_phone_io *openers)
{
    registered = openers;
}

static int without(struct lethe_error *err)
{
    lethe_fail(err, LETHE_E_UNSUPPORTED, "this program can't talk to phones");
    lethe_error_remedy(err, "install lethe-worker-phone beside it");
    return -LETHE_E_UNSUPPORTED;
}

int lethe_phone_open_usb(int fd, const struct lethe_usb_pipe *pipe, struct lethe_io **out,
                         struct lethe_error *err)
{
    return registered ? registered->open_usb(fd, pipe, out, err) : without(err);
}

int lethe_phone_open_apple(const char *path, const char *udid, struct lethe_io **out,
                           struct lethe_error *err)
{
    return registered ? registered->open_apple(path, udid, out, err) : without(err);
}
