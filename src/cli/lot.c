/* SPDX-License-Identifier: Apache-2.0 */
#include "lot.h"

#include "cert_paper.h"
#include <base/crypto.h>
#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <trust/validation.h>

#define RECORD_MAX (4u << 20)

/* ---- Devices ---- */
struct collecting {
    struct lethe_store *store;
    struct lethe_lot *lot;
    struct lethe_error err;
    int rc;
};

static struct lethe_lot_device *add(struct lethe_lot *lot)
{
    if (lot->n == lot->cap) {
        size_t cap = lot->cap ? 2 * lot->cap : 64;
        struct lethe_lot_device *more = realloc(lot->devices, cap * sizeof *more);
        if (!more)
            return NULL;
        lot->devices = more;
        lot->cap = cap;
    }
    memset(&lot->devices[lot->n], 0, sizeof lot->devices[0]);
    return &lot->devices[lot->n++];
}

static bool known(const struct lethe_lot *lot, const char *identity)
{
    for (size_t i = 0; i < lot->n; i++)
        if (strcmp(lot->devices[i].identity, identity) == 0)
            return true;
    return false;
}

static int take(struct collecting *c, const struct lethe_job_row *row, char *text,
                const json_t *claims)
{
    char *identity = lethe_json_canonical(json_object_get(claims, "identifiers"));
    if (!identity)
        return lethe_fail(&c->err, LETHE_E_INTERNAL, "memory ran out");
    if (known(c->lot, identity)) {
        free(identity);
        free(text);
        return 0;
    }
    struct lethe_lot_device *device = add(c->lot);
    if (!device) {
        free(identity);
        free(text);
        return lethe_fail(&c->err, LETHE_E_INTERNAL, "memory ran out");
    }
    device->sdjwt = text;
    device->identity = identity;
    device->certificate = strcmp(lethe_cli_text(claims, "vct"), LETHE_VCT_CERTIFICATE) == 0;
    c->lot->n_certificates += device->certificate;
    lethe_text_format(device->job, sizeof device->job, "%s", row->id);
    lethe_text_format(device->jti, sizeof device->jti, "%s", lethe_cli_text(claims, "jti"));
    lethe_text_format(device->device, sizeof device->device, "%s", row->device);
    return lethe_certificate_hash(text, strlen(text), device->hash);
}

static int collect(void *user, const struct lethe_job_row *row)
{
    struct collecting *c = user;
    char *text = NULL, job[37];
    LETHE_JSON_AUTO *claims = NULL;
    if (!row->certified)
        return 0;
    c->rc = lethe_store_certificate_get(c->store, row->id, &text, job, &c->err);
    if (c->rc == 0)
        c->rc = lethe_certificate_decode(text, strlen(text), &claims, &c->err);
    bool wanted = c->rc == 0 && strcmp(lethe_cli_text(claims, "lot"), c->lot->name) == 0;
    bool emulated = wanted && lethe_cert_emulated(claims);
    c->lot->n_emulated += emulated;
    if (wanted && !emulated)
        c->rc = take(c, row, text, claims);
    else
        free(text);
    return c->rc < 0;
}

int lethe_lot_collect(struct lethe_cli *cli, const char *name, struct lethe_lot *out,
                      struct lethe_error *err)
{
    *out = (struct lethe_lot){.name = name};
    struct collecting c = {.store = cli->store, .lot = out};
    int rc = lethe_store_jobs(cli->store, false, collect, &c, err);
    if (rc >= 0 && c.rc < 0) {
        rc = c.rc;
        *err = c.err;
    }
    if (rc >= 0 && out->n == 0) {
        rc = lethe_fail(err, LETHE_E_NOT_FOUND, "no device was sanitised in lot '%.100s'%s", name,
                        out->n_emulated ? ", only emulated ones" : "");
        lethe_error_remedy(err,
                           "lethe lot list; the lot is named when erasing: lethe erase --lot LOT");
    }
    return rc;
}

void lethe_lot_clear(struct lethe_lot *lot)
{
    for (size_t i = 0; i < lot->n; i++) {
        free(lot->devices[i].sdjwt);
        free(lot->devices[i].identity);
    }
    free(lot->devices);
    memset(lot, 0, sizeof *lot);
}

/* ---- Records ---- */
/* A name is anything; what it may lose here, the hash keeps apart. */
static void stem_of(const char *lot, char out[128])
{
    char slug[41], hex[65];
    size_t n = 0;
    for (; lot[n] && n < sizeof slug - 1; n++)
        slug[n] = (lot[n] >= '0' && lot[n] <= '9') || (lot[n] >= 'a' && lot[n] <= 'z') ||
                          (lot[n] >= 'A' && lot[n] <= 'Z') || lot[n] == '-'
                      ? lot[n]
                      : '_';
    slug[n] = '\0';
    lethe_sha256_hex(hex, lot, strlen(lot));
    lethe_text_format(out, 128, "lot-%s-%.8s", slug, hex);
}

int lethe_lot_file(const struct lethe_cli *cli, const char *lot, const char *rest, char *out,
                   size_t out_size, struct lethe_error *err)
{
    char folder[PATH_MAX], stem[128], name[256];
    stem_of(lot, stem);
    int rc = lethe_path_join(folder, sizeof folder, cli->state, "certificates", err);
    if (rc == 0)
        rc = lethe_dir_make(folder, 0755, err);
    lethe_text_format(name, sizeof name, "%s%s", stem, rest);
    return rc == 0 ? lethe_path_join(out, out_size, folder, name, err) : rc;
}

void lethe_lot_records_free(struct lethe_lot_record *records)
{
    for (struct lethe_lot_record *at = records; at && at->text; at++) {
        free(at->text);
        free(at->path);
    }
    free(records);
}

static size_t count(char **names)
{
    size_t n = 0;
    while (names && names[n])
        n++;
    return n;
}

int lethe_lot_records(const struct lethe_cli *cli, const char *lot, const char *which,
                      struct lethe_lot_record **out, struct lethe_error *err)
{
    char folder[PATH_MAX], stem[128], prefix[160], path[PATH_MAX], **names = NULL;
    stem_of(lot, stem);
    lethe_text_format(prefix, sizeof prefix, "%s%s", stem, which);
    int rc = lethe_path_join(folder, sizeof folder, cli->state, "certificates", err);
    if (rc == 0)
        rc = lethe_dir_list(folder, &names, err);
    if (rc == -LETHE_E_NOT_FOUND)
        rc = 0;
    *out = calloc(count(names) + 1, sizeof **out);
    if (rc == 0 && !*out)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    size_t n = 0;
    for (char **name = names; rc == 0 && name && *name; name++) {
        if (strncmp(*name, prefix, strlen(prefix)) != 0)
            continue;
        rc = lethe_path_join(path, sizeof path, folder, *name, err);
        if (rc == 0)
            rc = lethe_file_read(path, RECORD_MAX, &(*out)[n].text, &(*out)[n].len, err);
        if (rc == 0)
            (*out)[n++].path = strdup(path);
    }
    lethe_names_free(names);
    if (rc < 0) {
        lethe_lot_records_free(*out);
        *out = NULL;
    }
    return rc;
}

/* ---- Trust ---- */
static int read_own(const struct lethe_cli *cli, const char *name, char **text, size_t *len,
                    struct lethe_error *err)
{
    char path[PATH_MAX];
    int rc = lethe_path_join(path, sizeof path, cli->state, name, err);
    return rc == 0 ? lethe_file_read(path, RECORD_MAX, text, len, err) : rc;
}

int lethe_lot_trust(const struct lethe_cli *cli, struct lethe_lot_trust *out,
                    struct lethe_error *err)
{
    char *text = NULL;
    size_t len;
    memset(out, 0, sizeof *out);
    int rc = lethe_trust_new(&out->trust, err);
    if (rc == 0)
        rc = read_own(cli, "trust/root.pem", &text, &len, err);
    if (rc == 0)
        rc = lethe_trust_add_pem(out->trust, text, len, err);
    free(text);
    text = NULL;
    /* Either may be missing. A list of revoked benches that is there and does not hold is no
     * reason to believe everything. */
    if (rc == 0 && read_own(cli, "trust/crl.pem", &text, &len, NULL) == 0)
        rc = lethe_trust_add_crl(out->trust, text, len, lethe_now_ms(), 0, NULL, err);
    free(text);
    if (rc == 0 && read_own(cli, "trust/log.vkey", &out->vkey, &len, NULL) == 0) {
        out->vkey[strcspn(out->vkey, "\n")] = '\0';
        out->vkeys[0] = out->vkey;
    }
    if (rc < 0)
        lethe_lot_trust_clear(out);
    return rc;
}

void lethe_lot_trust_clear(struct lethe_lot_trust *trust)
{
    lethe_trust_free(trust->trust);
    free(trust->vkey);
    memset(trust, 0, sizeof *trust);
}

int lethe_lot_last(const struct lethe_cli *cli, const char *lot, struct lethe_draw *out,
                   struct lethe_error *err)
{
    struct lethe_lot_record *records = NULL;
    struct lethe_lot_trust trust = {0};
    memset(out, 0, sizeof *out);
    int rc = lethe_lot_records(cli, lot, ".draw-", &records, err);
    if (rc == 0)
        rc = lethe_lot_trust(cli, &trust, err);
    for (struct lethe_lot_record *at = records; rc == 0 && at->text; at++) {
        struct lethe_draw draw;
        rc = lethe_draw_verify(trust.trust, at->text, at->len, lethe_now_ms(), &draw, err);
        if (rc < 0 || draw.number < out->number) {
            lethe_draw_clear(&draw);
            continue;
        }
        lethe_draw_clear(out);
        *out = draw;
    }
    lethe_lot_records_free(records);
    lethe_lot_trust_clear(&trust);
    if (rc == 0 && out->number == 0) {
        rc = lethe_fail(err, LETHE_E_NOT_FOUND, "nothing was drawn from lot '%.100s'", lot);
        lethe_error_remedy(err, "lethe lot draw '%.100s'", lot);
    }
    if (rc < 0)
        lethe_draw_clear(out);
    return rc;
}
