/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which the devices of a lot are drawn. */
#include "base/crypto.h"
#include "base/text.h"
#include "batch/record.h"
#include <lethe/tlog.h>
#include <stdlib.h>
#include <string.h>

struct ranked {
    uint8_t rank[LETHE_HASH_SIZE];
    struct lethe_batch_device device;
};

static int checkpoint_read(const struct lethe_draw *draw, struct lethe_tlog_checkpoint *out,
                           struct lethe_error *err)
{
    struct lethe_tlog_note note;
    int rc = lethe_tlog_note_parse(draw->checkpoint, draw->checkpoint_len, &note, err);
    if (rc == 0)
        rc = lethe_tlog_checkpoint_parse(note.text, note.text_len, out, err);
    if (rc < 0)
        return lethe_fail(err, LETHE_E_INVALID, "what the draw names is no checkpoint of a log");
    return 0;
}

static void rank(const struct lethe_tlog_checkpoint *checkpoint,
                 const struct lethe_batch_device *device, uint8_t out[LETHE_HASH_SIZE])
{
    lethe_hmac_sha256(out, checkpoint->root.bytes, sizeof(checkpoint->root.bytes), device->jti,
                      strlen(device->jti));
}

static int compare(const void *a, const void *b)
{
    return memcmp(((const struct ranked *)a)->rank, ((const struct ranked *)b)->rank,
                  LETHE_HASH_SIZE);
}

int lethe_draw_order(struct lethe_draw *draw, char origin[LETHE_BATCH_ORIGIN_SIZE],
                     struct lethe_error *err)
{
    struct lethe_tlog_checkpoint checkpoint;
    int rc = checkpoint_read(draw, &checkpoint, err);
    struct ranked *all = rc == 0 ? calloc(draw->n_devices + 1, sizeof(*all)) : NULL;
    if (rc == 0 && !all)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < draw->n_devices; i++) {
        all[i].device = draw->devices[i];
        rank(&checkpoint, &all[i].device, all[i].rank);
    }
    qsort(all, draw->n_devices, sizeof(*all), compare);
    for (size_t i = 0; i < draw->n_devices; i++)
        draw->devices[i] = all[i].device;
    free(all);
    lethe_text_format(origin, LETHE_BATCH_ORIGIN_SIZE, "%s", checkpoint.origin);
    return 0;
}

int lethe_draw_ordered(const struct lethe_draw *draw, char origin[LETHE_BATCH_ORIGIN_SIZE],
                       struct lethe_error *err)
{
    struct lethe_tlog_checkpoint checkpoint;
    uint8_t before[LETHE_HASH_SIZE], here[LETHE_HASH_SIZE];
    int rc = checkpoint_read(draw, &checkpoint, err);
    for (size_t i = 0; rc == 0 && i < draw->n_devices; i++) {
        rank(&checkpoint, &draw->devices[i], here);
        if (i > 0 && memcmp(before, here, sizeof(here)) >= 0)
            rc = lethe_fail(err, LETHE_E_INVALID,
                            "the devices are not in the order that the checkpoint gives them: "
                            "somebody chose");
        memcpy(before, here, sizeof(here));
    }
    if (rc == 0)
        lethe_text_format(origin, LETHE_BATCH_ORIGIN_SIZE, "%s", checkpoint.origin);
    return rc;
}
