/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/sense.h"

#include "proto/bytes.h"

#include <stdio.h>
#include <string.h>

/* Sense key specific data (SPC-5 4.4.2.4): SKSV, and for NO SENSE and NOT READY the progress. */
static void progress(const uint8_t *specific, struct lethe_sense *out)
{
    if ((specific[0] & 0x80) &&
        (out->key == LETHE_SENSE_NO_SENSE || out->key == LETHE_SENSE_NOT_READY)) {
        out->progress_known = true;
        out->progress = lethe_be16(specific + 1);
    }
}

static void parse_fixed(const uint8_t *sense, size_t len, struct lethe_sense *out)
{
    out->key = sense[2] & 0xf;
    if (len >= 8 && (sense[0] & 0x80)) {
        out->information_known = true;
        out->information = lethe_be32(sense + 3);
    }
    size_t end = len >= 8 ? 8 + (size_t)sense[7] : len; /* what the device wrote */
    if (end > len)
        end = len;
    if (end >= 14) {
        out->asc = sense[12];
        out->ascq = sense[13];
    }
    if (end >= 18)
        progress(sense + 15, out);
}

static void parse_descriptors(const uint8_t *sense, size_t len, struct lethe_sense *out)
{
    out->descriptor = true;
    out->key = sense[1] & 0xf;
    out->asc = sense[2];
    out->ascq = sense[3];
    size_t end = len >= 8 ? 8 + (size_t)sense[7] : 0;
    if (end > len)
        end = len;
    for (size_t at = 8; at + 2 <= end; at += 2 + (size_t)sense[at + 1]) {
        const uint8_t *d = sense + at;
        size_t size = 2 + (size_t)d[1];
        if (at + size > end)
            break;
        if (d[0] == 0x00 && size >= 12 && (d[2] & 0x80)) {
            out->information_known = true;
            out->information = lethe_be64(d + 4);
        } else if (d[0] == 0x02 && size >= 7) {
            progress(d + 4, out);
        }
    }
}

bool lethe_sense_parse(const uint8_t *sense, size_t len, struct lethe_sense *out)
{
    memset(out, 0, sizeof *out);
    if (len < 4)
        return false;
    uint8_t code = sense[0] & 0x7f;
    if (code < 0x70 || code > 0x73)
        return false;
    out->valid = true;
    out->deferred = code & 1;
    if (code <= 0x71)
        parse_fixed(sense, len, out);
    else
        parse_descriptors(sense, len, out);
    return true;
}

#define ANY 0x100 /* in the table: whatever the value */

/* The first line that fits counts (SPC-5 annex F for the codes). */
static const struct {
    uint16_t key, asc, ascq;
    enum lethe_sense_state state;
} meanings[] = {
    {ANY, 0x00, 0x1d, LETHE_SENSE_STATE_ATA_REGISTERS},
    {ANY, 0x04, 0x1b, LETHE_SENSE_STATE_SANITIZE_RUNNING},
    {ANY, 0x31, 0x03, LETHE_SENSE_STATE_SANITIZE_FAILED},
    {ANY, 0x04, 0x04, LETHE_SENSE_STATE_FORMAT_RUNNING},
    {ANY, 0x31, 0x00, LETHE_SENSE_STATE_FORMAT_CORRUPTED},
    {ANY, 0x31, 0x01, LETHE_SENSE_STATE_FORMAT_FAILED},
    {ANY, 0x04, 0x09, LETHE_SENSE_STATE_SELF_TEST_RUNNING},
    {ANY, 0x5d, ANY, LETHE_SENSE_STATE_FAILURE_PREDICTED},
    {0x2, 0x04, 0x01, LETHE_SENSE_STATE_BECOMING_READY},
    {0x2, 0x04, 0x02, LETHE_SENSE_STATE_STOPPED},
    {0x2, 0x3a, ANY, LETHE_SENSE_STATE_NO_MEDIUM},
    {0x2, ANY, ANY, LETHE_SENSE_STATE_NOT_READY},
    {0x3, 0x0c, ANY, LETHE_SENSE_STATE_WRITE_ERROR},
    {0x3, 0x11, 0x15, LETHE_SENSE_STATE_WRITE_NEEDED},
    {0x3, ANY, ANY, LETHE_SENSE_STATE_READ_ERROR},
    {0x4, ANY, ANY, LETHE_SENSE_STATE_HARDWARE},
    {0x5, 0x20, 0x00, LETHE_SENSE_STATE_UNSUPPORTED_COMMAND},
    {0x5, 0x20, ANY, LETHE_SENSE_STATE_LOCKED}, /* 20/02 access denied, no access rights */
    {0x5, 0x24, ANY, LETHE_SENSE_STATE_UNSUPPORTED_FIELD},
    {0x5, 0x25, ANY, LETHE_SENSE_STATE_UNSUPPORTED_FIELD},
    {0x5, 0x26, ANY, LETHE_SENSE_STATE_UNSUPPORTED_FIELD},
    {0x5, 0x2c, ANY, LETHE_SENSE_STATE_CONFLICT},
    {0x5, 0x53, 0x02, LETHE_SENSE_STATE_CONFLICT},
    {0x5, 0x74, ANY, LETHE_SENSE_STATE_LOCKED},
    {0x5, ANY, ANY, LETHE_SENSE_STATE_ILLEGAL},
    {0x6, 0x28, ANY, LETHE_SENSE_STATE_MEDIUM_CHANGED},
    {0x6, 0x29, ANY, LETHE_SENSE_STATE_RESET},
    {0x6, 0x2f, ANY, LETHE_SENSE_STATE_RESET},
    {0x6, 0x2a, 0x09, LETHE_SENSE_STATE_CAPACITY_CHANGED},
    {0x6, 0x2a, ANY, LETHE_SENSE_STATE_PARAMETERS_CHANGED},
    {0x6, 0x3f, ANY, LETHE_SENSE_STATE_PARAMETERS_CHANGED},
    {0x6, ANY, ANY, LETHE_SENSE_STATE_UNIT_ATTENTION},
    {0x7, 0x27, ANY, LETHE_SENSE_STATE_WRITE_PROTECTED},
    {0x7, ANY, ANY, LETHE_SENSE_STATE_LOCKED},
    {0x8, ANY, ANY, LETHE_SENSE_STATE_UNWRITTEN},
    {0xb, ANY, ANY, LETHE_SENSE_STATE_ABORTED},
    {0x0, 0x00, 0x00, LETHE_SENSE_STATE_NONE},
    {0x1, ANY, ANY, LETHE_SENSE_STATE_NONE},
};

static bool fits(uint16_t wanted, uint8_t value)
{
    return wanted == ANY || wanted == value;
}

enum lethe_sense_state lethe_sense_state(const struct lethe_sense *sense)
{
    if (!sense->valid)
        return LETHE_SENSE_STATE_NONE;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (fits(meanings[i].key, sense->key) && fits(meanings[i].asc, sense->asc) &&
            fits(meanings[i].ascq, sense->ascq))
            return meanings[i].state;
    return LETHE_SENSE_STATE_OTHER;
}

const char *lethe_sense_state_name(enum lethe_sense_state state)
{
    static const char *const names[] = {
        [LETHE_SENSE_STATE_NONE] = "none",
        [LETHE_SENSE_STATE_ATA_REGISTERS] = "ata-registers",
        [LETHE_SENSE_STATE_SANITIZE_RUNNING] = "sanitize-running",
        [LETHE_SENSE_STATE_SANITIZE_FAILED] = "sanitize-failed",
        [LETHE_SENSE_STATE_FORMAT_RUNNING] = "format-running",
        [LETHE_SENSE_STATE_FORMAT_CORRUPTED] = "format-corrupted",
        [LETHE_SENSE_STATE_FORMAT_FAILED] = "format-failed",
        [LETHE_SENSE_STATE_SELF_TEST_RUNNING] = "self-test-running",
        [LETHE_SENSE_STATE_BECOMING_READY] = "becoming-ready",
        [LETHE_SENSE_STATE_STOPPED] = "stopped",
        [LETHE_SENSE_STATE_NOT_READY] = "not-ready",
        [LETHE_SENSE_STATE_NO_MEDIUM] = "no-medium",
        [LETHE_SENSE_STATE_RESET] = "reset",
        [LETHE_SENSE_STATE_CAPACITY_CHANGED] = "capacity-changed",
        [LETHE_SENSE_STATE_PARAMETERS_CHANGED] = "parameters-changed",
        [LETHE_SENSE_STATE_MEDIUM_CHANGED] = "medium-changed",
        [LETHE_SENSE_STATE_UNIT_ATTENTION] = "unit-attention",
        [LETHE_SENSE_STATE_UNSUPPORTED_COMMAND] = "unsupported-command",
        [LETHE_SENSE_STATE_UNSUPPORTED_FIELD] = "unsupported-field",
        [LETHE_SENSE_STATE_ILLEGAL] = "illegal-request",
        [LETHE_SENSE_STATE_WRITE_PROTECTED] = "write-protected",
        [LETHE_SENSE_STATE_LOCKED] = "locked",
        [LETHE_SENSE_STATE_CONFLICT] = "conflict",
        [LETHE_SENSE_STATE_FAILURE_PREDICTED] = "failure-predicted",
        [LETHE_SENSE_STATE_WRITE_ERROR] = "write-error",
        [LETHE_SENSE_STATE_WRITE_NEEDED] = "write-needed",
        [LETHE_SENSE_STATE_READ_ERROR] = "read-error",
        [LETHE_SENSE_STATE_UNWRITTEN] = "unwritten",
        [LETHE_SENSE_STATE_HARDWARE] = "hardware-error",
        [LETHE_SENSE_STATE_ABORTED] = "aborted",
        [LETHE_SENSE_STATE_OTHER] = "other",
    };
    return (unsigned)state < sizeof names / sizeof *names ? names[state] : "other";
}

void lethe_sense_format(char *out, size_t out_size, const struct lethe_sense *sense)
{
    if (!sense->valid)
        snprintf(out, out_size, "no sense data");
    else
        snprintf(out, out_size, "%s%s (%02x/%02x/%02x)", sense->deferred ? "deferred " : "",
                 lethe_sense_state_name(lethe_sense_state(sense)), sense->key, sense->asc,
                 sense->ascq);
}
