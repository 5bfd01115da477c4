/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware.h"

#include "phone_text.h"

#include <base/text.h>
#include <inttypes.h>
#include <string.h>

static void add(char *out, size_t out_size, const char *text)
{
    size_t len = strlen(out);
    if (text[0])
        lethe_text_format(out + len, out_size - len, "%s%s", len ? "; " : "", text);
}

static void describe_hidden(const struct lethe_facts *f, char *out, size_t out_size)
{
    char size[32];
    lethe_size_format(size, sizeof size, f->native_capacity);
    lethe_text_format(out, out_size, "it is %s large, but hides a part of itself (%s)", size,
                      f->hidden_by);
}

/* As long as its limits are frozen it does not tell them. */
static void describe_unasked(const struct lethe_facts *f, char *out, size_t out_size)
{
    lethe_text_format(out, out_size,
                      "it says that it can hide a part of itself (%s), and could not be asked "
                      "whether it does%s",
                      f->hidden_unasked,
                      f->hidden_refused ? ": it refuses, perhaps until it is powered off and on"
                                        : " through its bridge");
}

/* ALL: also what only stands in the way of an erasure that the drive may not need. */
static void describe_locks(const struct lethe_facts *f, bool all, char *out, size_t out_size)
{
    const unsigned sanitize =
        LETHE_CAN_SANITIZE_CRYPTO | LETHE_CAN_SANITIZE_BLOCK | LETHE_CAN_SANITIZE_OVERWRITE;
    out[0] = '\0';
    if (f->security.locked)
        add(out, out_size, "locked by an ATA password");
    else if (f->security.enabled)
        add(out, out_size, "an ATA password is set");
    if (f->tcg.locked)
        add(out, out_size, "locked by TCG Opal or its kin: the PSID on its label reverts it");
    if (f->security.frozen && (all || !(f->can & sanitize)))
        add(out, out_size,
            "SECURITY is frozen: no security-erase until it loses power (power it off and on with "
            "the bench running)");
    if (f->tcg.block_sid)
        add(out, out_size, "Block SID is in force: no PSID revert until it loses power");
    if (f->protection.user)
        add(out, out_size,
            f->protection.user_for_good ? "write-protected for good"
                                        : "write-protected, perhaps until it loses power");
    if (f->protection.other)
        add(out, out_size, "a boot area is write-protected");
    if (f->sanitize.frozen)
        add(out, out_size, "its sanitise commands are frozen until it loses power");
    if (f->sanitize.running)
        add(out, out_size, "a sanitise is running on it");
    if (f->sanitize.failed)
        add(out, out_size, "its last sanitise failed");
}

static void describe_tcg(const struct lethe_facts *f, char *out, size_t out_size)
{
    out[0] = '\0';
    if (f->tcg.kernel_blocks)
        lethe_text_format(out, out_size,
                          "it encrypts or locks itself by TCG, and could not be asked how: Linux "
                          "keeps those commands from drives on SATA ports until it is started with "
                          "libata.allow_tpm=1: %s",
                          LETHE_TCG_ALLOW);
    else if (f->tcg.unasked)
        lethe_text_format(out, out_size,
                          "it says that it has TCG, and gave no answer when it was asked how");
}

static void describe_zones(const struct lethe_facts *f, char *out, size_t out_size)
{
    char size[32], open[48] = "", bad[64] = "";
    out[0] = '\0';
    if (!f->zoned && !f->zones.host_aware)
        return;
    const char *kind = f->zoned ? "host-managed" : "host-aware";
    if (f->zones.size == 0) {
        lethe_text_format(out, out_size, "%s zones, which can't be told: %s", kind,
                          f->zones.why[0] ? f->zones.why : "the drive was not asked");
        return;
    }
    lethe_size_format(size, sizeof size, f->zones.size);
    if (f->zones.max_open)
        lethe_text_format(open, sizeof open, "; %" PRIu32 " may be open", f->zones.max_open);
    if (f->zones.unusable)
        lethe_text_format(bad, sizeof bad, "; %" PRIu64 " are read-only or offline",
                          f->zones.unusable);
    lethe_text_format(out, out_size,
                      "%s: %" PRIu64 " zones of %s, %" PRIu64
                      " of them without an order, the others %s in order%s%s",
                      kind, f->zones.count, size, f->zones.conventional,
                      f->zoned ? "written" : "best written", open, bad);
}

bool lethe_firmware_summary(const struct lethe_facts *f, char *out, size_t out_size)
{
    char text[400];
    out[0] = '\0';
    if (!f)
        return false;
    if (lethe_phone_shown(f)) {
        lethe_phone_summary(&f->phone, out, out_size);
        lethe_phone_locks(&f->phone, text, sizeof text);
        add(out, out_size, text);
        add(out, out_size, f->phone.advice[0] ? f->phone.advice : f->remedy);
        return true;
    }
    if (f->health.condition == LETHE_CONDITION_FAILING ||
        f->health.condition == LETHE_CONDITION_WORN) {
        lethe_text_format(text, sizeof text, "%s: %s", lethe_condition_name(f->health.condition),
                          f->health.why);
        add(out, out_size, text);
    }
    describe_locks(f, false, text, sizeof text);
    add(out, out_size, text);
    describe_tcg(f, text, sizeof text);
    add(out, out_size, text);
    text[0] = '\0';
    if (f->hidden_by[0])
        describe_hidden(f, text, sizeof text);
    else if (f->hidden_unasked[0])
        describe_unasked(f, text, sizeof text);
    add(out, out_size, text);
    describe_zones(f, text, sizeof text);
    add(out, out_size, text);
    return out[0] != '\0';
}

json_t *lethe_firmware_warnings(const struct lethe_facts *f)
{
    json_t *list = json_array();
    char text[400];
    if (!f || lethe_phone_shown(f))
        return list;
    if (f->health.condition == LETHE_CONDITION_FAILING) {
        lethe_text_format(text, sizeof text,
                          "the drive is failing (%s): the erasure may take hours and not come to "
                          "its end; what can't be erased must be destroyed",
                          f->health.why);
        json_array_append_new(list, json_string(text));
    }
    describe_tcg(f, text, sizeof text);
    if (text[0])
        json_array_append_new(list, json_string(text));
    return list;
}

static void row(FILE *out, const char *name, const char *text)
{
    if (text[0])
        fprintf(out, "%-12s %s\n", name, text);
}

static void print_capabilities(const struct lethe_facts *f, FILE *out)
{
    char text[256] = "";
    for (int i = 0; i < LETHE_CAPABILITY_COUNT; i++)
        if (f->can & 1u << i) {
            size_t len = strlen(text);
            lethe_text_format(text + len, sizeof text - len, "%s%s", len ? ", " : "",
                              lethe_capability_name((enum lethe_capability_bit)i));
        }
    row(out, "can", text[0] ? text : "nothing of its own: host writes only");
}

static void print_count(FILE *out, const char *name, int64_t value, const char *unit)
{
    if (value >= 0)
        fprintf(out, "%-12s %s %" PRId64 "%s\n", "", name, value, unit);
}

static void print_health(const struct lethe_facts *f, FILE *out)
{
    char size[32];
    fprintf(out, "%-12s %s%s%s\n", "health", lethe_condition_name(f->health.condition),
            f->health.why[0] ? ": " : "", f->health.why);
    print_count(out, "power-on hours", f->health.hours, "");
    print_count(out, "reallocated sectors", f->health.reallocated, "");
    print_count(out, "pending sectors", f->health.pending, "");
    print_count(out, "uncorrectable", f->health.uncorrectable, "");
    print_count(out, "media errors", f->health.media_errors, "");
    print_count(out, "endurance used", f->health.used_percent, " %");
    print_count(out, "temperature", f->health.temperature, " C");
    if (f->health.written_bytes >= 0) {
        lethe_size_format(size, sizeof size, (uint64_t)f->health.written_bytes);
        fprintf(out, "%-12s written by hosts %s\n", "", size);
    }
}

static void print_parts(const struct lethe_facts *f, FILE *out)
{
    char size[32];
    for (size_t i = 0; i < f->n_namespaces; i++) {
        lethe_size_format(size, sizeof size, f->namespaces[i].capacity);
        fprintf(out, "%-12s %u, %s%s\n", "namespace", f->namespaces[i].nsid, size,
                f->namespaces[i].active ? "" : ", not attached");
    }
    if (f->unallocated) {
        lethe_size_format(size, sizeof size, f->unallocated);
        row(out, "unallocated", size);
    }
    for (size_t i = 0; i < f->n_areas; i++) {
        lethe_size_format(size, sizeof size, f->areas[i].capacity);
        fprintf(out, "%-12s %s, %s%s\n", "area", f->areas[i].name, size,
                f->areas[i].protected_ ? ", can't be erased" : "");
    }
}

void lethe_firmware_print(const struct lethe_facts *f, FILE *out)
{
    char text[400];
    if (!f)
        return;
    if (f->protocol != LETHE_PROTOCOL_NONE)
        fprintf(out, "%-12s %s, by way of %s\n", "firmware", lethe_protocol_name(f->protocol),
                lethe_path_name(f->path));
    row(out, "it says", f->model);
    row(out, "its serial", f->serial);
    row(out, "but", f->obstacle);
    row(out, "remedy", f->remedy);
    if (f->protocol == LETHE_PROTOCOL_NONE)
        return;
    print_capabilities(f, out);
    describe_locks(f, true, text, sizeof text);
    row(out, "locks", text);
    text[0] = '\0';
    if (f->hidden_by[0])
        describe_hidden(f, text, sizeof text);
    else if (f->hidden_unasked[0])
        describe_unasked(f, text, sizeof text);
    else if (!f->hidden_known)
        lethe_text_format(text, sizeof text, "it can't be told whether it hides a part of itself");
    row(out, "hidden", text);
    describe_zones(f, text, sizeof text);
    row(out, "zones", text);
    print_parts(f, out);
    lethe_text_format(text, sizeof text, "%s%s%s%s", f->tcg.opal ? "Opal " : "",
                      f->tcg.pyrite ? "Pyrite " : "", f->tcg.enterprise ? "Enterprise " : "",
                      f->tcg.ruby ? "Ruby " : "");
    row(out, "TCG", text);
    describe_tcg(f, text, sizeof text);
    row(out, "TCG", text);
    print_health(f, out);
}
