/* SPDX-License-Identifier: Apache-2.0 */
#include "io/failure.h"

#include <errno.h>

enum lethe_io_failure lethe_io_failure(int errnum)
{
    switch (errnum) {
    case EIO:
    case ENODATA:   /* medium error */
    case EREMOTEIO: /* target failure */
    case EILSEQ:    /* protection information */
    case ETIMEDOUT:
    case ETIME:
        return LETHE_FAILURE_SECTOR;
    case EAGAIN:
    case EINTR:
    case ENOMEM:
    case EBUSY:
        return LETHE_FAILURE_TRANSIENT;
    case ENODEV:
    case ENXIO:
    case ENOMEDIUM:
    case ENOLINK: /* transport */
    case ENOSPC:  /* a removed disk says so under a writer (facts/drives.md A8) */
        return LETHE_FAILURE_GONE;
    default:
        return LETHE_FAILURE_OTHER;
    }
}
