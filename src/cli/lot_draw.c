/* SPDX-License-Identifier: Apache-2.0 */
/* lethe lot draw: the checkpoint of the log chooses, and nobody else. */
#include "lot.h"

#include <base/file.h>
#include <base/text.h>
#include <base/time.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The index of the last entry of the lot's certificates. */
static int last_index(struct lethe_cli *cli, const struct lethe_lot *lot, uint64_t *out,
                      struct lethe_error *err)
{
    *out = 0;
    for (size_t i = 0; i < lot->n; i++) {
        uint64_t index = 0;
        if (!lot->devices[i].certificate)
            continue;
        int rc = lethe_store_log_find(cli->store, lethe_log_origin(cli->log), "cert",
                                      lot->devices[i].jti, NULL, &index, NULL, err);
        if (rc < 0) {
            lethe_error_effect(err, "nothing was drawn");
            return rc;
        }
        *out = index > *out ? index : *out;
    }
    return 0;
}

struct finding {
    uint64_t size; /* more than so many entries */
    struct lethe_log *log;
    char *note;
    struct lethe_error err;
    int rc;
};

/* The smallest that holds them all: whoever looks for it later finds the same. */
static int find(void *user, const struct lethe_store_checkpoint *checkpoint)
{
    struct finding *f = user;
    if (checkpoint->size <= f->size)
        return 0;
    f->rc = lethe_log_note(f->log, checkpoint, &f->note, &f->err);
    return 1;
}

static int checkpoint_of(struct lethe_cli *cli, const struct lethe_lot *lot, char **note,
                         struct lethe_error *err)
{
    struct finding f = {.log = cli->log};
    int rc = last_index(cli, lot, &f.size, err);
    if (rc == 0)
        rc = lethe_store_checkpoint_each(cli->store, lethe_log_origin(cli->log), find, &f, err);
    if (rc >= 0 && f.rc < 0) {
        rc = f.rc;
        *err = f.err;
    }
    if (rc >= 0 && !f.note)
        rc = lethe_fail(err, LETHE_E_NOT_FOUND, "no checkpoint of the log holds the whole lot");
    *note = f.note;
    return rc < 0 ? rc : 0;
}

static int wish_make(struct lethe_cli *cli, const struct lethe_lot *lot,
                     const struct lethe_lot_options *o, struct lethe_draw *wish,
                     struct lethe_error *err)
{
    *wish = (struct lethe_draw){.confidence_ppm = o->confidence_ppm, .bad_ppm = o->bad_ppm};
    if (lot->n_certificates == 0)
        return lethe_fail(err, LETHE_E_REFUSED, "no device of lot '%.100s' has a certificate",
                          lot->name);
    if (!lethe_text_format(wish->lot, sizeof wish->lot, "%s", lot->name))
        return lethe_fail(err, LETHE_E_USAGE, "the name of the lot is too long");
    wish->devices = calloc(lot->n_certificates, sizeof *wish->devices);
    if (!wish->devices)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    for (size_t i = 0; i < lot->n; i++) {
        if (!lot->devices[i].certificate)
            continue;
        struct lethe_batch_device *device = &wish->devices[wish->n_devices++];
        memcpy(device->jti, lot->devices[i].jti, sizeof device->jti);
        memcpy(device->hash, lot->devices[i].hash, sizeof device->hash);
    }
    int rc = lethe_log_integrate(cli->log, err);
    if (rc == 0)
        rc = checkpoint_of(cli, lot, &wish->checkpoint, err);
    wish->checkpoint_len = wish->checkpoint ? strlen(wish->checkpoint) : 0;
    return rc;
}

/* Nothing is new: the same lot, the same question. */
static bool same(const struct lethe_draw *a, const struct lethe_draw *b)
{
    bool is = a->n_devices == b->n_devices && a->confidence_ppm == b->confidence_ppm &&
              a->bad_ppm == b->bad_ppm;
    for (size_t i = 0; is && i < a->n_devices; i++) {
        size_t k = 0;
        while (k < b->n_devices && strcmp(a->devices[i].hash, b->devices[k].hash) != 0)
            k++;
        is = k < b->n_devices;
    }
    return is;
}

static int sign(struct lethe_cli *cli, struct lethe_draw *wish, const struct lethe_draw *before,
                struct lethe_error *err)
{
    char rest[32], path[PATH_MAX], *text = NULL;
    wish->number = before->number + 1;
    memcpy(wish->previous, before->hash, sizeof wish->previous);
    int rc = lethe_cli_ready_signer(cli, err);
    if (rc >= 0)
        rc = lethe_draw_make(cli->signer, wish, lethe_now_ms(), &text, err);
    lethe_text_format(rest, sizeof rest, ".draw-%u.jwt", wish->number);
    if (rc >= 0)
        rc = lethe_lot_file(cli, wish->lot, rest, path, sizeof path, err);
    if (rc >= 0)
        rc = lethe_file_write(path, text, strlen(text), 0644, err);
    free(text);
    return rc;
}

static void print(const struct lethe_cli *cli, const struct lethe_lot *lot,
                  const struct lethe_draw *draw, bool again, bool json)
{
    json_t *list = json_array();
    if (!json) {
        printf("%zu of %zu devices of lot %s are to be tested again, by somebody else:\n",
               draw->sample, draw->n_devices, draw->lot);
        if (again)
            puts("(drawn before: nothing is new in this lot, and the same devices are drawn)");
        else if (draw->number > 1)
            printf("%sthis is draw number %u of this lot%s\n", lethe_color(cli, 1, LETHE_YELLOW),
                   draw->number, lethe_color(cli, 1, LETHE_PLAIN));
    }
    for (size_t i = 0; i < draw->sample; i++)
        for (size_t k = 0; k < lot->n; k++)
            if (strcmp(lot->devices[k].jti, draw->devices[i].jti) == 0) {
                if (!json)
                    printf("  %s  %s\n", lot->devices[k].job, lot->devices[k].device);
                json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "job", lot->devices[k].job,
                                                      "certificate", lot->devices[k].jti, "device",
                                                      lot->devices[k].device));
            }
    json_t *said = json_pack(
        "{s:s,s:i,s:b,s:I,s:I,s:i,s:i,s:o}", "lot", draw->lot, "draw", (int)draw->number, "again",
        again, "devices", (json_int_t)draw->n_devices, "sample", (json_int_t)draw->sample,
        "confidence_ppm", (int)draw->confidence_ppm, "bad_ppm", (int)draw->bad_ppm, "drawn", list);
    if (json)
        lethe_cli_print_json(said);
    else
        json_decref(said);
}

int lethe_lot_draw(struct lethe_cli *cli, const struct lethe_lot_options *o,
                   struct lethe_error *err)
{
    struct lethe_lot lot = {0};
    struct lethe_draw wish = {0}, before = {0};
    char path[PATH_MAX];
    LETHE_FD_AUTO lock = -1;
    int rc = lethe_cli_open_store(cli, err);
    if (rc >= 0)
        rc = lethe_cli_open_log(cli, err);
    if (rc >= 0)
        rc = lethe_lot_collect(cli, o->id, &lot, err);
    if (rc >= 0)
        rc = lethe_path_join(path, sizeof path, cli->state, "lots.lock", err);
    if (rc >= 0)
        rc = lock = lethe_file_lock(path, true, err);
    if (rc >= 0)
        rc = wish_make(cli, &lot, o, &wish, err);
    if (rc >= 0)
        rc = lethe_lot_last(cli, o->id, &before, err);
    bool again = rc == 0 && same(&wish, &before);
    if (rc == -LETHE_E_NOT_FOUND)
        rc = 0;
    if (rc >= 0 && !again)
        rc = sign(cli, &wish, &before, err);
    if (rc >= 0)
        print(cli, &lot, again ? &before : &wish, again, o->json);
    lethe_draw_clear(&wish);
    lethe_draw_clear(&before);
    lethe_lot_clear(&lot);
    return rc;
}
