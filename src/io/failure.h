/* SPDX-License-Identifier: Apache-2.0 */
/* What a failed transfer means: the errors that the block layer passes up, sorted. */
#ifndef LETHE_IO_FAILURE_H
#define LETHE_IO_FAILURE_H

enum lethe_io_failure {
    LETHE_FAILURE_SECTOR,    /* something in this range: try smaller pieces */
    LETHE_FAILURE_TRANSIENT, /* the host was short of something: try again */
    LETHE_FAILURE_GONE,      /* the device vanished, or ends before its capacity */
    LETHE_FAILURE_OTHER,     /* not the medium's fault: going on would prove nothing */
};
/* ERRNUM positive. */
enum lethe_io_failure lethe_io_failure(int errnum);

#endif
