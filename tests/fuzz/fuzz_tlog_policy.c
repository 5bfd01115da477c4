/* SPDX-License-Identifier: Apache-2.0 */
/* A policy of logs and witnesses, and a note that nobody of it signed. */
#include <lethe/tlog.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char text[] = "a\n\n\xE2\x80\x94 nobody AAAAAAAA\n";
    static struct lethe_tlog_policy policy;
    struct lethe_tlog_quorum quorum;
    struct lethe_tlog_note note;
    if (lethe_tlog_policy_parse((const char *)data, size, &policy, NULL) < 0)
        return 0;
    if (lethe_tlog_note_parse(text, strlen(text), &note, NULL) < 0)
        abort();
    if (lethe_tlog_policy_check(&policy, &note, 1, &quorum, NULL) == 0 &&
        quorum.met != policy.quorum_none)
        abort();
    return 0;
}
