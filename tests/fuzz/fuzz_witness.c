/* SPDX-License-Identifier: Apache-2.0 */
/* What anybody may post to a witness: no bytes make it sign for whom it does not know, and each
 * gets one of the answers of C2SP tlog-witness. The directory has one log, whose key nobody has. */
#include <base/file.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <witness/witness.h>

static struct lethe_witness witness;

static char dir[] = "/tmp/lethe-fuzz-witness-XXXXXX";

static int drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void end(void)
{
    lethe_witness_close(&witness);
    nftw(dir, drop, 8, FTW_DEPTH | FTW_PHYS);
}

static void begin(void)
{
    static const uint8_t pub[32] = {1};
    struct lethe_tlog_key key;
    char vkey[LETHE_TLOG_VKEY_MAX + 8] = "log ";
    if (witness.pkey)
        return;
    if (!mkdtemp(dir) || lethe_witness_open(dir, "w", NULL, true, &witness, NULL) < 0 ||
        lethe_tlog_key_make(&key, "a.log/one", LETHE_TLOG_ED25519, pub, NULL) < 0)
        abort();
    atexit(end);
    lethe_tlog_key_format(&key, vkey + 4);
    strcat(vkey, "\n");
    if (lethe_file_write(witness.config, vkey, strlen(vkey), 0600, NULL) < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_witness_answer out;
    begin();
    lethe_witness_add_checkpoint(&witness, (const char *)data, size, &out);
    if (out.status != 400 && out.status != 403 && out.status != 404)
        abort();
    if (!out.type || !out.body[0])
        abort();
    return 0;
}
