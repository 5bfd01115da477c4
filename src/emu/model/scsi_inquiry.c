/* SPDX-License-Identifier: Apache-2.0 */
/* Who it says it is: INQUIRY, vital product data, REPORT SUPPORTED OPERATION CODES. */
#include "emu/model/bytes.h"
#include "emu/model/model.h"

static bool bridged(const struct model *m)
{
    return m->controller.bridge != BRIDGE_NONE;
}

static size_t standard(const struct model *m, uint8_t out[96])
{
    const struct controller *c = &m->controller;
    const struct bridge_facts *bridge = &model_bridges[c->bridge];
    bool card = c->kind == MODEL_MMC || c->kind == MODEL_SD;
    out[0] = (uint8_t)scsi_type(m);
    out[1] = card ? 0x80 : 0;
    out[2] = bridged(m) ? 6 : 7; /* SPC-4, SPC-5 */
    out[3] = 2;
    out[4] = 91;
    out[7] = bridged(m) ? 0 : 2; /* CMDQUE */
    put_text(out + 8, 8,
             bridged(m)             ? bridge->vendor_name
             : c->kind == MODEL_ATA ? "ATA"
                                    : c->vendor);
    put_text(out + 16, 16, bridged(m) ? bridge->product_name : c->model);
    /* SAT 8.1: the last four characters of the firmware's revision. */
    size_t n = strlen(c->revision);
    put_text(out + 32, 4, c->kind == MODEL_ATA && n > 4 ? c->revision + n - 4 : c->revision);
    return 96;
}

static size_t designators(const struct model *m, uint8_t *out)
{
    const struct controller *c = &m->controller;
    uint8_t *at = out + 4;
    char serial[96];
    uint64_t name = 0;
    for (size_t i = 0; i < 16 && c->wwn[i]; i++) {
        unsigned digit = (unsigned char)c->wwn[i];
        name = name << 4 | (digit >= 'A' ? (digit | 0x20u) - 'a' + 10 : digit - '0');
    }
    if (name) { /* NAA, binary, of the logical unit */
        at[0] = 1;
        at[1] = 3;
        at[3] = 8;
        put_be(at + 4, 8, name);
        at += 12;
    }
    model_serial(m, serial);
    size_t n = strnlen(serial, 60);
    at[0] = 2; /* T10 vendor identification, ASCII */
    at[1] = 1;
    at[3] = (uint8_t)(8 + n);
    put_text(at + 4, 8, c->kind == MODEL_ATA ? "ATA" : c->vendor);
    memcpy(at + 12, serial, n);
    at += 12 + n;
    return (size_t)(at - out) - 4;
}

static size_t ata_information(struct model *m, uint8_t *out)
{
    put_text(out + 8, 8, bridged(m) ? model_bridges[m->controller.bridge].vendor_name : "linux");
    put_text(out + 16, 16,
             bridged(m) ? model_bridges[m->controller.bridge].product_name : "libata");
    put_text(out + 32, 4, "3.00");
    out[36] = 0x34; /* signature of a SATA device */
    out[38] = 0x50;
    out[40] = 1;
    out[56] = 0xec;
    ata_identify(m, out + 60);
    return 568;
}

static size_t characteristics(const struct model *m, uint8_t *out)
{
    put_be(out + 4, 2, m->controller.magnetic ? 7200 : 1);
    out[7] = 3; /* 2.5 inch */
    out[8] = model_has(m, FEATURE_HOST_AWARE) ? 0x10 : 0;
    if (m->controller.kind == MODEL_SCSI) /* 01b: an error until written (SBC-4 6.6.2) */
        out[7] |= (uint8_t)((model_has(m, FEATURE_WABEREQ) ? 0x80u : 0) |
                            (model_has(m, FEATURE_WACEREQ) ? 0x20u : 0));
    return 60;
}

/* Bytes behind the header, or 0 for a page that isn't there. */
static size_t vital(struct model *m, unsigned page, uint8_t *out)
{
    char serial[96];
    bool trim = model_has(m, FEATURE_TRIM) && !bridged(m);
    size_t n = 0;
    switch (page) {
    case 0x00:
        out[4 + n++] = 0x00;
        out[4 + n++] = 0x80;
        out[4 + n++] = 0x83;
        if (m->controller.kind == MODEL_ATA)
            out[4 + n++] = 0x89;
        out[4 + n++] = 0xb0;
        out[4 + n++] = 0xb1;
        if (trim)
            out[4 + n++] = 0xb2;
        if (zones_are_there(m))
            out[4 + n++] = 0xb6;
        return n;
    case 0x80:
        model_serial(m, serial);
        n = strlen(serial);
        memcpy(out + 4, serial, n);
        return n;
    case 0x83:
        return designators(m, out);
    case 0x89:
        return m->controller.kind == MODEL_ATA ? ata_information(m, out) : 0;
    case 0xb0:
        put_be(out + 8, 4, 65535);
        if (trim) {
            put_be(out + 20, 4, 65536);
            put_be(out + 24, 4, 1);
        }
        return 60;
    case 0xb1:
        return characteristics(m, out);
    case 0xb2:
        out[5] = trim ? 0xe4 : 0; /* LBPU, LBPWS, LBPWS10, LBPRZ */
        return trim ? 4 : 0;
    case 0xb6:
        if (!zones_are_there(m) || (bridged(m) && m->controller.bridge != BRIDGE_SAT_ZONES))
            return 0;
        out[4] = model_has(m, FEATURE_UNRESTRICTED_READS);
        put_be(out + 8, 8, UINT64_MAX); /* of sequential write preferred zones: not told */
        put_be(out + 16, 4, 128);
        return 60;
    default:
        return 0;
    }
}

int scsi_inquiry(struct model *m, struct lethe_command *c)
{
    uint8_t out[1024] = {0};
    size_t allocation = get_be(c->bytes + 3, 2);
    if (!(c->bytes[1] & 1))
        return c->bytes[2] ? scsi_sense(c, 5, 0x2400)
                           : scsi_reply(c, out, standard(m, out), allocation);
    size_t n = vital(m, c->bytes[2], out);
    if (n == 0)
        return scsi_sense(c, 5, 0x2400);
    out[0] = (uint8_t)scsi_type(m);
    out[1] = c->bytes[2];
    put_be(out + 2, 2, n);
    return scsi_reply(c, out, n + 4, allocation);
}

/* ---- REPORT SUPPORTED OPERATION CODES (SPC-5 6.35) ---- */

#define NO_ACTION 0xff
static const struct opcode {
    uint8_t opcode, action, length;
    int feature; /* or -1 */
} opcodes[] = {
    {0x00, NO_ACTION, 6, -1},
    {0x03, NO_ACTION, 6, -1},
    {0x04, NO_ACTION, 6, FEATURE_FORMAT},
    {0x12, NO_ACTION, 6, -1},
    {0x15, NO_ACTION, 6, -1},
    {0x1a, NO_ACTION, 6, -1},
    {0x1b, NO_ACTION, 6, -1},
    {0x25, NO_ACTION, 10, -1},
    {0x28, NO_ACTION, 10, -1},
    {0x2a, NO_ACTION, 10, -1},
    {0x35, NO_ACTION, 10, -1},
    {0x41, NO_ACTION, 10, -1},
    {0x42, NO_ACTION, 10, FEATURE_TRIM},
    {0x48, 0x01, 10, FEATURE_SANITIZE_OVERWRITE},
    {0x48, 0x02, 10, FEATURE_SANITIZE_BLOCK},
    {0x48, 0x03, 10, FEATURE_SANITIZE_CRYPTO},
    {0x48, 0x1f, 10, -1},
    {0x4d, NO_ACTION, 10, -1},
    {0x55, NO_ACTION, 10, -1},
    {0x5a, NO_ACTION, 10, -1},
    {0x88, NO_ACTION, 16, -1},
    {0x8a, NO_ACTION, 16, -1},
    {0x91, NO_ACTION, 16, -1},
    {0x93, NO_ACTION, 16, -1},
    {0x94, 0x04, 16, FEATURE_ZONED},
    {0x95, 0x00, 16, FEATURE_ZONED},
    {0x9e, 0x10, 16, -1},
    {0xa0, NO_ACTION, 12, -1},
    {0xa2, NO_ACTION, 12, FEATURE_OPAL},
    {0xa3, 0x0c, 12, -1},
    {0xb5, NO_ACTION, 12, FEATURE_OPAL},
};
#define OPCODES (sizeof(opcodes) / sizeof(*opcodes))

static bool sanitizes(const struct model *m)
{
    return model_has(m, FEATURE_SANITIZE_OVERWRITE) || model_has(m, FEATURE_SANITIZE_BLOCK) ||
           model_has(m, FEATURE_SANITIZE_CRYPTO);
}

static bool has_opcode(const struct model *m, const struct opcode *o)
{
    if (o->feature == FEATURE_OPAL)
        return tcg_is_there(m);
    if (o->opcode == 0x48 && o->action == 0x1f)
        return sanitizes(m);
    if (o->feature == FEATURE_ZONED)
        return zones_are_there(m);
    return o->feature < 0 || model_has(m, (enum feature_number)o->feature);
}

static int all_opcodes(const struct model *m, struct lethe_command *c, size_t allocation)
{
    uint8_t out[4 + OPCODES * 8] = {0};
    size_t at = 4;
    for (size_t i = 0; i < OPCODES; i++) {
        if (!has_opcode(m, &opcodes[i]))
            continue;
        out[at] = opcodes[i].opcode;
        if (opcodes[i].action != NO_ACTION) {
            out[at + 3] = opcodes[i].action;
            out[at + 5] = 1; /* SERVACTV */
        }
        out[at + 7] = opcodes[i].length;
        at += 8;
    }
    put_be(out, 4, at - 4);
    return scsi_reply(c, out, at, allocation);
}

int scsi_opcodes(struct model *m, struct lethe_command *c)
{
    const uint8_t *cdb = c->bytes;
    uint8_t out[4 + 16] = {0};
    size_t allocation = get_be(cdb + 6, 4);
    unsigned form = cdb[2] & 7, action = (unsigned)get_be(cdb + 4, 2);
    if ((cdb[1] & 0x1f) != 0x0c || !model_has(m, FEATURE_REPORT_OPCODES))
        return scsi_sense(c, 5, 0x2000);
    if (form == 0)
        return all_opcodes(m, c, allocation);
    if (form > 3)
        return scsi_sense(c, 5, 0x2400);
    out[1] = 1; /* not supported */
    for (size_t i = 0; i < OPCODES; i++) {
        const struct opcode *o = &opcodes[i];
        bool actions = o->action != NO_ACTION;
        if (o->opcode != cdb[3] || (actions && form != 1 && o->action != action))
            continue;
        /* Form 1 is for opcodes without service actions, form 2 for those with (SPC-5 table 263).
         */
        if ((form == 1 && actions) || (form == 2 && !actions))
            return scsi_sense(c, 5, 0x2400);
        if (!has_opcode(m, o))
            break;
        out[1] = 3;
        put_be(out + 2, 2, o->length);
        memset(out + 4, 0xff, o->length);
        out[4] = o->opcode;
        if (actions)
            out[5] = o->action;
        return scsi_reply(c, out, 4u + o->length, allocation);
    }
    return scsi_reply(c, out, 4, allocation);
}
