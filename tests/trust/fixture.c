/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "trust/fixture.h"

#include "base/file.h"
#include "base/time.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t fixture_now = NOW0;
char fixture_dir[64], acme[80], other[80];

static uint64_t fixed_now(void)
{
    return fixture_now;
}

static void init(char out[80], const char *name, const char *organisation)
{
    struct lethe_error err = {0};
    snprintf(out, 80, "%s/%s", fixture_dir, name);
    if (lethe_keys_init(out, organisation, "bench-1", NULL, 0, &err) != 0)
        fail_msg("%s", err.what);
}

int fixture_make(void **state)
{
    (void)state;
    fixture_now = NOW0;
    lethe_time_override(fixed_now, NULL);
    strcpy(fixture_dir, "/tmp/lethe-trust-XXXXXX");
    if (!mkdtemp(fixture_dir))
        return -1;
    init(acme, "acme", "ACME 回收");
    init(other, "other", "Other Ltd");
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int fixture_remove(void **state)
{
    (void)state;
    lethe_time_override(NULL, NULL);
    return nftw(fixture_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

char *fixture_read(const char *dir, const char *name)
{
    char path[256], *text;
    size_t len;
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(lethe_file_read(path, 1 << 20, &text, &len, NULL), 0);
    return text;
}

struct lethe_trust *fixture_trust(const char *dir)
{
    struct lethe_trust *trust;
    char *pem = fixture_read(dir, "trust/root.pem");
    assert_int_equal(lethe_trust_new(&trust, NULL), 0);
    assert_int_equal(lethe_trust_add_pem(trust, pem, strlen(pem), NULL), 0);
    free(pem);
    return trust;
}

struct lethe_signer *fixture_bench(const char *dir)
{
    struct lethe_signer *signer;
    assert_int_equal(lethe_signer_open(dir, NULL, NULL, &signer, NULL), 0);
    return signer;
}

struct lethe_signer *fixture_status(const char *dir)
{
    struct lethe_signer *signer;
    struct lethe_error err = {0};
    if (lethe_signer_open_status(dir, NULL, NULL, &signer, &err) != 0)
        fail_msg("%s", err.what);
    return signer;
}

char *fixture_tamper(const char *text, unsigned part)
{
    char *out = strdup(text), *from = out, *end;
    for (unsigned i = 0; i < part; i++)
        from = strchr(from, '.') + 1;
    end = strchr(from, '.');
    end = end ? end : out + strlen(out);
    char *at = from + (end - from) / 2;
    *at = *at == 'A' ? 'B' : 'A';
    return out;
}

char *fixture_sign(struct lethe_signer *signer, const char *typ, json_t *claims)
{
    char *text;
    assert_non_null(claims);
    assert_int_equal(lethe_jws_make(signer, typ, claims, &text, NULL), 0);
    json_decref(claims);
    return text;
}
