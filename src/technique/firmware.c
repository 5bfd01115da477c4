/* SPDX-License-Identifier: Apache-2.0 */
/* What all techniques of a drive's own firmware need. */
#include "io/exec.h"
#include "technique/sanitize.h"

#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SENSE_MS 15000
#define SENSE_LENGTH 252

void lethe_technique_hex(json_t *commands, const char *what, const uint8_t *bytes, size_t n)
{
    char hex[2 * 64 + 1], line[192];
    lethe_hex_encode(hex, bytes, n < 64 ? n : 64);
    snprintf(line, sizeof(line), "%s %s", what, hex);
    json_array_append_new(commands, json_string(line));
}

int lethe_technique_no_answer(int rc, const char *what, struct lethe_error *err)
{
    switch (-rc) {
    case ENODEV:
    case ENXIO:
    case ESHUTDOWN:
        lethe_fail(err, LETHE_E_GONE, "the drive vanished (%s)", what);
        lethe_error_effect(err, "NOT known to be sanitised");
        return -LETHE_E_GONE;
    case EOPNOTSUPP:
        lethe_fail(err, LETHE_E_UNSUPPORTED, "what is between here and the drive does not carry %s",
                   what);
        lethe_error_remedy(err, "move the drive to a native slot and erase it again");
        return -LETHE_E_UNSUPPORTED;
    case EPERM:
    case EACCES:
        lethe_fail(err, LETHE_E_REFUSED, "the kernel does not let us send %s", what);
        lethe_error_remedy(err, "run Lethe as root");
        return -LETHE_E_REFUSED;
    case ETIMEDOUT:
        lethe_fail(err, LETHE_E_TIMEOUT, "the drive did not answer in time (%s)", what);
        break;
    default:
        lethe_fail(err, LETHE_E_IO, "the drive did not answer (%s): %s", what, strerror(-rc));
        break;
    }
    lethe_error_effect(err, "NOT known to be sanitised");
    lethe_error_remedy(err, "power the drive off and on, then erase it again");
    return err ? -(int)err->code : -LETHE_E_IO;
}

int lethe_technique_fail(struct lethe_error *err, const char *format, ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    lethe_fail(err, LETHE_E_IO, "%s", what);
    lethe_error_effect(err, "the device is NOT sanitised");
    lethe_error_remedy(err, "power it off and on and erase it again; if that fails too, overwrite "
                            "it (lethe erase TARGET --policy " LETHE_POLICY_OVERWRITE_ALWAYS
                            ") where Clear is enough, or destroy it");
    return -LETHE_E_IO;
}

void lethe_technique_wait(uint32_t ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR)
        ;
}

uint64_t lethe_technique_disk_seconds(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    return capacity / 150000000;
}

int lethe_technique_request_sense(struct lethe_run *run, struct lethe_sense *out,
                                  struct lethe_error *err)
{
    uint8_t data[SENSE_LENGTH] = {0};
    struct lethe_cdb cdb = lethe_scsi_cmd_request_sense(SENSE_LENGTH, false);
    struct lethe_scsi_result result;
    int rc = lethe_scsi_exec(run->io, &cdb, data, SENSE_MS, &result);
    if (rc < 0)
        return lethe_technique_no_answer(rc, "REQUEST SENSE", err);
    lethe_sense_parse(data, result.transferred, out);
    /* Some drives answer with CHECK CONDITION instead: then the sense is in the answer itself. */
    if (result.status != 0)
        *out = result.sense;
    return 0;
}

void lethe_technique_drop(struct lethe_run *run, json_t *commands)
{
    json_decref(commands);
    free(run->state);
    run->state = NULL;
}
