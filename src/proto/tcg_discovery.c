/* SPDX-License-Identifier: Apache-2.0 */
/* Level 0 discovery (TCG Storage Core 2.01 3.3.6; the SSC documents for their features). */
#include "proto/bytes.h"
#include "proto/tcg.h"

#include <stdio.h>
#include <string.h>

#define HEADER 48
#define FEATURE_HEADER 4

/* The SSCs, the one to talk to first. */
static const struct {
    uint16_t code;
    enum lethe_tcg_ssc ssc;
    const char *name;
} sscs[] = {
    {0x0203, LETHE_TCG_OPAL2, "Opal 2"},     {0x0200, LETHE_TCG_OPAL1, "Opal 1"},
    {0x0304, LETHE_TCG_RUBY, "Ruby"},        {0x0301, LETHE_TCG_OPALITE, "Opalite"},
    {0x0303, LETHE_TCG_PYRITE2, "Pyrite 2"}, {0x0302, LETHE_TCG_PYRITE1, "Pyrite 1"},
    {0x0305, LETHE_TCG_KPIO, "Key per I/O"}, {0x0100, LETHE_TCG_ENTERPRISE, "Enterprise"},
};
#define N_SSCS (sizeof sscs / sizeof *sscs)

/* F is the feature with its header, LEN bytes of it. */
static void ssc(size_t which, const uint8_t *f, size_t len, struct lethe_tcg_discovery *out,
                size_t *best)
{
    out->ssc |= sscs[which].ssc;
    if (len < 6 || which >= *best)
        return;
    *best = which;
    out->com_id = lethe_be16(f + 4);
    out->initial_pin = 0;
    out->reverted_pin = 0;
    if (len >= 15 && sscs[which].ssc != LETHE_TCG_ENTERPRISE &&
        sscs[which].ssc != LETHE_TCG_OPAL1) {
        out->initial_pin = f[13];
        out->reverted_pin = f[14];
    }
}

static void feature(uint16_t code, const uint8_t *f, size_t len, struct lethe_tcg_discovery *out)
{
    if (len < 5)
        return;
    switch (code) {
    case 0x0001:
        out->tper = true;
        out->sync_protocol = f[4] & 0x01;
        break;
    case 0x0002:
        out->locking.present = true;
        out->locking.supported = f[4] & 0x01;
        out->locking.enabled = f[4] & 0x02;
        out->locking.locked = f[4] & 0x04;
        out->locking.media_encryption = f[4] & 0x08;
        out->locking.mbr_enabled = f[4] & 0x10;
        out->locking.mbr_done = f[4] & 0x20;
        break;
    case 0x0402:
        out->block_sid.present = true;
        out->block_sid.sid_is_msid = !(f[4] & 0x01);
        out->block_sid.blocked = f[4] & 0x02;
        break;
    case 0x0404:
        if (len < 7)
            break;
        out->removal.present = true;
        out->removal.processing = f[5] & 0x01;
        out->removal.interrupted = f[5] & 0x02;
        out->removal.mechanisms = f[6];
        break;
    default:
        break;
    }
}

int lethe_tcg_discovery_parse(const uint8_t *data, size_t len, struct lethe_tcg_discovery *out,
                              struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (len < HEADER)
        return lethe_fail(err, LETHE_E_INVALID, "TCG discovery has only %zu bytes", len);
    uint32_t told = lethe_be32(data); /* what follows the length itself */
    if (told == 0)
        return 0;
    if (told < HEADER - 4 || told == UINT32_MAX)
        return lethe_fail(err, LETHE_E_INVALID, "TCG discovery tells an impossible length");
    size_t end = told > len - 4 ? len : (size_t)told + 4;
    size_t best = N_SSCS;
    for (size_t at = HEADER; at + FEATURE_HEADER <= end;
         at += FEATURE_HEADER + (size_t)data[at + 3]) {
        const uint8_t *f = data + at;
        size_t size = FEATURE_HEADER + (size_t)f[3];
        uint16_t code = lethe_be16(f);
        if (at + size > end)
            return lethe_fail(err, LETHE_E_INVALID, "TCG discovery is cut off in feature %04xh",
                              code);
        feature(code, f, size, out);
        for (size_t i = 0; i < N_SSCS; i++)
            if (sscs[i].code == code)
                ssc(i, f, size, out, &best);
    }
    return 0;
}

bool lethe_tcg_revert_erases(const struct lethe_tcg_discovery *discovery)
{
    const unsigned encrypting = LETHE_TCG_ENTERPRISE | LETHE_TCG_OPAL1 | LETHE_TCG_OPAL2 |
                                LETHE_TCG_OPALITE | LETHE_TCG_RUBY;
    const unsigned pyrite = LETHE_TCG_PYRITE1 | LETHE_TCG_PYRITE2;
    return (discovery->ssc & encrypting) && !(discovery->ssc & pyrite) &&
           discovery->locking.present && discovery->locking.media_encryption;
}

void lethe_tcg_format(char *out, size_t out_size, const struct lethe_tcg_discovery *discovery)
{
    size_t at = 0;
    if (out_size == 0)
        return;
    out[0] = '\0';
    for (size_t i = 0; i <= N_SSCS; i++) {
        const char *name = i < N_SSCS ? sscs[i].name : "Block SID";
        if (i < N_SSCS ? !(discovery->ssc & sscs[i].ssc) : !discovery->block_sid.present)
            continue;
        int n = snprintf(out + at, out_size - at, "%s%s", at > 0 ? ", " : "", name);
        if (n < 0 || (size_t)n >= out_size - at)
            return;
        at += (size_t)n;
    }
}
