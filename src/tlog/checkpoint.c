/* SPDX-License-Identifier: Apache-2.0 */
/* Origin, size, root: tlog-checkpoint, "Note text". */
#include "base/text.h"
#include "tlog/parts.h"
#include <inttypes.h>
#include <string.h>

int lethe_tlog_checkpoint_parse(const char *text, size_t len, struct lethe_tlog_checkpoint *out,
                                struct lethe_error *err)
{
    const char *at = text, *end = text + len, *line;
    size_t n;
    memset(out, 0, sizeof(*out));
    if (!lethe_tlog_line(&at, end, &line, &n) || !lethe_tlog_name_copy(out->origin, line, n))
        return lethe_fail(err, LETHE_E_INVALID, "not a checkpoint: the first line is no origin");
    if (!lethe_tlog_line(&at, end, &line, &n) ||
        !lethe_tlog_number(line, n, LETHE_TLOG_SIZE_MAX, &out->size))
        return lethe_fail(err, LETHE_E_INVALID, "not a checkpoint: the second line is no size");
    if (!lethe_tlog_line(&at, end, &line, &n) ||
        lethe_tlog_base64_decode(out->root.bytes, sizeof(out->root.bytes), line, n) !=
            (int)sizeof(out->root.bytes))
        return lethe_fail(err, LETHE_E_INVALID, "not a checkpoint: the third line is no root");
    /* Extension lines are signed by the log and by no newer witness: nothing may hide in them. */
    if (at != end)
        return lethe_fail(err, LETHE_E_INVALID, "the checkpoint has extension lines");
    return 0;
}

int lethe_tlog_checkpoint_format(const struct lethe_tlog_checkpoint *checkpoint,
                                 char out[LETHE_TLOG_CHECKPOINT_TEXT_MAX], struct lethe_error *err)
{
    char root[LETHE_TLOG_BASE64_SIZE(sizeof(checkpoint->root.bytes))];
    if (!lethe_tlog_name_valid(checkpoint->origin) || checkpoint->size > LETHE_TLOG_SIZE_MAX)
        return lethe_fail(err, LETHE_E_USAGE, "no checkpoint has this origin or size");
    lethe_tlog_base64_encode(root, checkpoint->root.bytes, sizeof(checkpoint->root.bytes));
    lethe_text_format(out, LETHE_TLOG_CHECKPOINT_TEXT_MAX, "%s\n%" PRIu64 "\n%s\n",
                      checkpoint->origin, checkpoint->size, root);
    return 0;
}

int lethe_tlog_checkpoint_open(const char *bytes, size_t len, const struct lethe_tlog_key *log,
                               struct lethe_tlog_checkpoint *out, struct lethe_tlog_note *note,
                               struct lethe_error *err)
{
    struct lethe_tlog_note mine;
    note = note ? note : &mine;
    int rc = lethe_tlog_note_parse(bytes, len, note, err);
    if (rc == 0)
        rc = lethe_tlog_checkpoint_parse(note->text, note->text_len, out, err);
    if (rc < 0)
        return rc;
    if (strcmp(out->origin, log->name) != 0)
        return lethe_fail(err, LETHE_E_UNTRUSTED,
                          "the checkpoint is of the log %.80s, not of %.80s", out->origin,
                          log->name);
    rc = lethe_tlog_note_verify(note, log, NULL, err);
    if (rc == 0)
        return lethe_fail(err, LETHE_E_UNTRUSTED, "the log %.80s did not sign its checkpoint",
                          log->name);
    return rc < 0 ? rc : 0;
}
