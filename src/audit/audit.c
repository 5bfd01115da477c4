/* SPDX-License-Identifier: Apache-2.0 */
/* The whole log in one pass: every entry is hashed again, every tile and checkpoint compared. */
#include "audit/parts.h"
#include "base/text.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct walk {
    const struct lethe_audit_options *options;
    struct lethe_audit_report *report;
    struct lethe_audit_fold fold;
    struct lethe_audit_opening *opening; /* may be NULL */
    struct lethe_tlog_builder *builder;
    size_t next_checkpoint;
    bool cut; /* entries are missing: nothing behind can be hashed */
};

/* The builder's sink: what it would write is what must be there. */
static int compare_tile(void *user, const struct lethe_tlog_tile *tile,
                        const struct lethe_tlog_hash *hashes, struct lethe_error *err)
{
    struct walk *walk = user;
    struct lethe_tlog_hash there[LETHE_TLOG_TILE_WIDTH];
    struct lethe_error why = {0};
    char path[LETHE_TLOG_PATH_MAX];
    (void)err;
    walk->report->tiles++;
    if (lethe_tlog_directory_tile((void *)(uintptr_t)walk->options->dir, tile, there, &why) < 0) {
        lethe_audit_found(walk->report, LETHE_AUDIT_TILE_FOUND, LETHE_AUDIT_NO_ENTRY, "%s",
                          why.what);
    } else if (memcmp(there, hashes, tile->width * sizeof(*hashes)) != 0) {
        lethe_tlog_tile_path(tile, path);
        lethe_audit_found(walk->report, LETHE_AUDIT_TILE_FOUND, LETHE_AUDIT_NO_ENTRY,
                          "%s is not what its entries hash to", path);
    }
    return 0;
}

/* All checkpoints over the entries so far. That all of them fit one tree makes them consistent with
 * each other. */
static void compare_roots(struct walk *walk)
{
    const struct lethe_audit_checkpoints *all = &walk->fold.checkpoints;
    uint64_t size = lethe_tlog_builder_size(walk->builder);
    for (; walk->next_checkpoint < all->n && all->at[walk->next_checkpoint].size == size;
         walk->next_checkpoint++) {
        const struct lethe_audit_checkpoint *one = &all->at[walk->next_checkpoint];
        lethe_tlog_builder_root(walk->builder, &walk->report->root);
        if (lethe_tlog_hash_equal(&walk->report->root, &one->root)) {
            walk->report->checkpoints++;
            walk->report->witnessed += one->not_after > 0;
            continue;
        }
        lethe_audit_found(walk->report, LETHE_AUDIT_ROOT_FOUND, LETHE_AUDIT_NO_ENTRY,
                          "the first %" PRIu64 " entries are not those of %s", size,
                          one->since    ? "the checkpoint kept from before"
                          : one->newest ? "the newest checkpoint"
                                        : "a kept checkpoint");
    }
}

static int on_entry(struct walk *walk, const uint8_t *text, size_t len, struct lethe_error *err)
{
    struct lethe_tlog_entry entry;
    struct lethe_error why = {0};
    uint64_t index = lethe_tlog_builder_size(walk->builder);
    compare_roots(walk);
    int rc = lethe_tlog_builder_append(walk->builder, text, len, err);
    if (rc < 0)
        return rc;
    if (lethe_tlog_entry_parse(text, len, &entry, &why) < 0) {
        lethe_audit_found(walk->report, LETHE_AUDIT_ENTRY_FOUND, index, "%s", why.what);
        return 0;
    }
    rc = lethe_audit_fold_entry(&walk->fold, index, &entry, err);
    if (rc == 0 && walk->opening)
        rc = lethe_audit_opening_match(walk->opening, walk->options, walk->report, index,
                                       lethe_audit_fold_start(&walk->fold, &entry), &entry, err);
    return rc;
}

static int on_bundle(struct walk *walk, const uint8_t *bundle, size_t len, unsigned width,
                     struct lethe_error *err)
{
    size_t at = 0, entry_len;
    const uint8_t *entry;
    struct lethe_error why = {0};
    for (unsigned i = 0; i < width; i++) {
        uint64_t index = lethe_tlog_builder_size(walk->builder);
        int rc = lethe_tlog_bundle_next(bundle, len, &at, &entry, &entry_len, &why);
        if (rc <= 0 || entry_len == 0 || entry_len > LETHE_TLOG_ENTRY_MAX) {
            walk->cut = true;
            lethe_audit_found(walk->report, LETHE_AUDIT_BUNDLE_FOUND, index, "%s",
                              rc < 0    ? why.what
                              : rc == 0 ? "its bundle ends before it"
                                        : "it is empty or longer than 1 KiB");
            return 0;
        }
        rc = on_entry(walk, entry, entry_len, err);
        if (rc < 0)
            return rc;
    }
    if (at != len)
        lethe_audit_found(walk->report, LETHE_AUDIT_BUNDLE_FOUND, LETHE_AUDIT_NO_ENTRY,
                          "a bundle has more than its %u entries", width);
    return 0;
}

static int walk_entries(struct walk *walk, struct lethe_error *err)
{
    uint64_t size = walk->report->size;
    int rc = 0;
    for (uint64_t i = 0; !walk->cut && rc == 0; i++) {
        unsigned width = lethe_tlog_tile_width(size, 0, i);
        struct lethe_error why = {0};
        uint8_t *bundle;
        size_t len;
        if (width == 0)
            break;
        if (lethe_tlog_directory_bundle(walk->options->dir, i, width, &bundle, &len, &why) < 0) {
            walk->cut = true;
            lethe_audit_found(walk->report, LETHE_AUDIT_BUNDLE_FOUND, i * LETHE_TLOG_TILE_WIDTH,
                              "%s", why.what);
            break;
        }
        rc = on_bundle(walk, bundle, len, width, err);
        free(bundle);
    }
    if (rc == 0 && !walk->cut)
        rc = lethe_tlog_builder_flush(walk->builder, err);
    if (rc == 0) {
        compare_roots(walk);
        lethe_tlog_builder_root(walk->builder, &walk->report->root);
    }
    return rc;
}

static int walk_log(struct walk *walk, struct lethe_error *err)
{
    struct lethe_tlog_sink sink = {.tile = compare_tile, .user = walk};
    if (walk->report->size > LETHE_AUDIT_INDEX_MAX) {
        lethe_audit_found(walk->report, LETHE_AUDIT_TOO_MANY_FOUND, LETHE_AUDIT_NO_ENTRY,
                          "the log has %" PRIu64 " entries", walk->report->size);
        return 0;
    }
    int rc = lethe_tlog_builder_new(&sink, &walk->builder, err);
    if (rc == 0)
        rc = walk_entries(walk, err);
    /* Of a log that was cut off, ends are missing because entries are. */
    if (rc == 0 && !walk->cut) {
        lethe_audit_fold_end(&walk->fold);
        if (walk->opening)
            lethe_audit_opening_end(walk->opening, walk->report);
    }
    walk->report->devices = walk->fold.devices.n;
    return rc;
}

int lethe_audit_run(const struct lethe_audit_options *options, struct lethe_audit_report *out,
                    struct lethe_error *err)
{
    struct walk walk = {
        .options = options,
        .report = out,
        .fold = {.options = options,
                 .report = out,
                 .tolerance = options->tolerance ? options->tolerance : LETHE_AUDIT_TOLERANCE_S}};
    memset(out, 0, sizeof(*out));
    lethe_audit_table_init(&walk.fold.jobs, sizeof(struct lethe_audit_job),
                           sizeof(((struct lethe_audit_job *)0)->id));
    lethe_audit_table_init(&walk.fold.devices, sizeof(struct lethe_audit_device),
                           sizeof(((struct lethe_audit_device *)0)->pseudonym));
    lethe_audit_table_init(&walk.fold.named, sizeof(struct lethe_audit_named),
                           sizeof(struct lethe_audit_named));
    int rc = lethe_audit_findings_new(out);
    if (rc < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    rc = lethe_audit_checkpoints_load(options, out, &walk.fold.checkpoints, err);
    if (rc == 0 && options->opening)
        rc = lethe_audit_opening_new(options->opening, &walk.opening, err);
    if (rc == 0 && out->origin[0])
        rc = walk_log(&walk, err);
    lethe_tlog_builder_free(walk.builder);
    lethe_audit_opening_free(walk.opening);
    lethe_audit_table_free(&walk.fold.jobs);
    lethe_audit_table_free(&walk.fold.devices);
    lethe_audit_table_free(&walk.fold.named);
    free(walk.fold.checkpoints.at);
    if (rc < 0)
        lethe_audit_report_clear(out);
    return rc;
}
