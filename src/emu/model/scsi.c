/* SPDX-License-Identifier: Apache-2.0 */
/* A SCSI disk as the host sees one: a SAS drive, SAT in the kernel, or a USB bridge (SPC-5, SBC-4).
 */
#include "emu/model/bytes.h"
#include "emu/model/model.h"
#include <errno.h>

int scsi_sense(struct lethe_command *c, unsigned key, unsigned code)
{
    memset(c->sense, 0, 18);
    c->sense[0] = 0x70;
    c->sense[2] = (uint8_t)key;
    c->sense[7] = 10;
    put_be(c->sense + 12, 2, code);
    c->n_sense = 18;
    c->result = 2;
    c->transferred = 0;
    return 0;
}

int scsi_reply(struct lethe_command *c, const void *data, size_t len, size_t allocation)
{
    if (c->direction != LETHE_DATA_IN)
        return len > 0 && allocation > 0 ? scsi_sense(c, 5, 0x2400) : 0;
    len = len < allocation ? len : allocation;
    len = len < c->data_len ? len : c->data_len;
    memcpy(c->data, data, len);
    c->transferred = len;
    return 0;
}

void scsi_power_on(struct model *m)
{
    m->state->new_sector = 0;
    memset(&m->state->bridge, 0, sizeof(m->state->bridge));
}

/* Is there anybody who makes ZBC of a drive's zones? The kernel does; most bridges know of none. */
static bool zones_are_told(const struct model *m)
{
    return m->controller.bridge == BRIDGE_NONE || m->controller.bridge == BRIDGE_SAT_ZONES;
}

uint32_t scsi_type(const struct model *m)
{
    return model_has(m, FEATURE_ZONED) && zones_are_told(m) ? 0x14 : 0x00;
}

static int progress(struct model *m, struct lethe_command *c, unsigned code)
{
    (void)scsi_sense(c, 2, code);
    c->sense[15] = 0x80; /* SKSV */
    put_be(c->sense + 16, 2, operation_progress(m));
    return 1;
}

int scsi_busy(struct model *m, struct lethe_command *c)
{
    const struct model_state *s = m->state;
    if (s->operation.running && s->operation.kind == OPERATION_SANITIZE)
        return progress(m, c, 0x041b);
    if (s->operation.running)
        return progress(m, c, 0x0404);
    if (s->sanitize.status == 3) {
        (void)scsi_sense(c, 3, 0x3103);
        return 1;
    }
    if (s->torn) {
        (void)scsi_sense(c, 3, 0x3100);
        return 1;
    }
    return 0;
}

static int transfer_failed(const struct model *m, struct lethe_command *c, ssize_t rc, bool write)
{
    switch (rc) {
    case -EACCES:
        return m->state->tcg.locked ? scsi_sense(c, 7, 0x7471) : scsi_sense(c, 11, 0);
    case -EILSEQ:
        return scsi_sense(c, 3, 0x1115); /* write after sanitize required */
    case -EDOM:
        return scsi_sense(c, 5, 0x2106); /* attempt to read invalid data */
    case -ECHILD:
        return scsi_sense(c, 5, 0x2107); /* read boundary violation */
    case -EROFS:
        return model_has(m, FEATURE_ZONED) ? scsi_sense(c, 5, 0x2104) : scsi_sense(c, 7, 0x2700);
    case -ENOSPC:
        return scsi_sense(c, 5, 0x2100);
    case -ENODEV:
        return -ENODEV;
    default:
        return scsi_sense(c, 3, write ? 0x0c00 : 0x1100);
    }
}

/* Where READ and WRITE of each length have LBA and count. */
static void extent(const uint8_t *cdb, uint64_t *lba, uint64_t *count)
{
    switch (cdb[0] >> 5) {
    case 0:
        *lba = get_be(cdb + 1, 3) & 0x1fffff;
        *count = cdb[4] ? cdb[4] : 256;
        break;
    case 1:
    case 2:
        *lba = get_be(cdb + 2, 4);
        *count = get_be(cdb + 7, 2);
        break;
    case 4:
        *lba = get_be(cdb + 2, 8);
        *count = get_be(cdb + 10, 4);
        break;
    default:
        *lba = get_be(cdb + 2, 4);
        *count = get_be(cdb + 6, 4);
    }
}

static int transfer(struct model *m, struct lethe_command *c, bool write)
{
    uint32_t block = m->controller.block;
    uint64_t lba, count;
    extent(c->bytes, &lba, &count);
    if (scsi_busy(m, c))
        return 0;
    if (m->state->sector != block)
        return scsi_sense(c, 3, 0x3100);
    uint64_t limit =
        m->controller.bridge == BRIDGE_NONE ? model_blocks(m) : m->state->known_capacity;
    if (lba >= limit || count > limit - lba)
        return scsi_sense(c, 5, 0x2100);
    if (c->direction != (write ? LETHE_DATA_OUT : LETHE_DATA_IN) && count > 0)
        return scsi_sense(c, 5, 0x2400);
    if (count > c->data_len / block)
        count = c->data_len / block;
    size_t len = (size_t)(count * block);
    if (len == 0)
        return 0;
    ssize_t n = write ? model_write(m, c->data, len, lba * block)
                      : model_read(m, c->data, len, lba * block);
    if (n < 0 || (size_t)n < len)
        return transfer_failed(m, c, n < 0 ? n : -EIO, write);
    c->transferred = len;
    return 0;
}

/* UNMAP, WRITE SAME with UNMAP or zeros: by mapping only, the flash keeps what it had. */
static int unmap(struct model *m, struct lethe_command *c)
{
    const uint8_t *list = c->data;
    uint32_t block = m->controller.block;
    if (!model_has(m, FEATURE_TRIM) || m->controller.bridge != BRIDGE_NONE)
        return scsi_sense(c, 5, 0x2000);
    if (scsi_busy(m, c))
        return 0;
    for (size_t at = 8; c->direction == LETHE_DATA_OUT && at + 16 <= c->data_len; at += 16) {
        uint64_t lba = get_be(list + at, 8), n = get_be(list + at + 8, 4);
        if (lba > model_blocks(m) || n > model_blocks(m) - lba)
            return scsi_sense(c, 5, 0x2100);
        (void)medium_fill(m, m->data, lba * block, (lba + n) * block, 0, FILL_ZEROS, 0);
    }
    c->transferred = c->data_len;
    return 0;
}

static int write_same(struct model *m, struct lethe_command *c)
{
    uint32_t block = m->controller.block;
    uint64_t lba, count;
    extent(c->bytes, &lba, &count);
    if (m->controller.bridge != BRIDGE_NONE || m->controller.kind != MODEL_SCSI)
        return scsi_sense(c, 5, 0x2000);
    if (scsi_busy(m, c))
        return 0;
    if (c->direction != LETHE_DATA_OUT || c->data_len < block || lba > model_blocks(m) ||
        count > model_blocks(m) - lba)
        return scsi_sense(c, 5, 0x2400);
    count = count ? count : model_blocks(m) - lba;
    for (uint64_t i = 0; i < count; i++) {
        ssize_t n = model_write(m, c->data, block, (lba + i) * block);
        if (n != (ssize_t)block)
            return transfer_failed(m, c, n < 0 ? n : -EIO, true);
    }
    c->transferred = block;
    return 0;
}

static int capacity(struct model *m, struct lethe_command *c)
{
    const struct model_state *s = m->state;
    uint8_t out[32] = {0};
    bool bridged = m->controller.bridge != BRIDGE_NONE;
    uint64_t blocks = bridged ? s->known_capacity : model_blocks(m);
    if (model_has(m, FEATURE_CAPACITY_REFUSED) && scsi_busy(m, c))
        return 0;
    if (s->no_capacity || blocks == 0)
        return scsi_sense(c, 2, 0x3a00); /* medium not present */
    if (c->bytes[0] == 0x25) {
        put_be(out, 4, blocks - 1 > UINT32_MAX ? UINT32_MAX : blocks - 1);
        put_be(out + 4, 4, s->sector);
        return scsi_reply(c, out, 8, 8);
    }
    put_be(out, 8, blocks - 1);
    put_be(out + 8, 4, s->sector);
    out[13] = m->controller.block == 512 ? 3 : 0; /* eight to a physical block */
    if (!bridged && model_has(m, FEATURE_TRIM))
        out[14] = 0xc0; /* LBPME, LBPRZ */
    return scsi_reply(c, out, sizeof(out), get_be(c->bytes + 10, 4));
}

static int report_luns(struct lethe_command *c)
{
    uint8_t out[16] = {0, 0, 0, 8};
    return scsi_reply(c, out, sizeof(out), get_be(c->bytes + 6, 4));
}

static int security_protocol(struct model *m, struct lethe_command *c)
{
    const uint8_t *cdb = c->bytes;
    unsigned protocol = cdb[1], comid = (unsigned)get_be(cdb + 2, 2);
    size_t len = get_be(cdb + 6, 4) * ((cdb[4] & 0x80) ? 512 : 1);
    if (!tcg_is_there(m) || m->controller.bridge != BRIDGE_NONE)
        return scsi_sense(c, 5, 0x2000);
    len = len < c->data_len ? len : c->data_len;
    bool in = cdb[0] == 0xa2;
    if (len > 0 && c->direction != (in ? LETHE_DATA_IN : LETHE_DATA_OUT))
        return scsi_sense(c, 5, 0x2400);
    int rc = in ? tcg_receive(m, protocol, comid, c->data, len)
                : tcg_send(m, protocol, comid, c->data, len);
    c->transferred = len;
    return rc < 0 ? scsi_sense(c, 5, 0x2400) : 0;
}

static int unit_ready(struct model *m, struct lethe_command *c)
{
    if (!scsi_busy(m, c) && m->state->no_capacity)
        return scsi_sense(c, 2, 0x3a00);
    return 0;
}

/* What only the drive itself is asked, no bridge in between. */
static int native(struct model *m, struct lethe_command *c)
{
    switch (c->bytes[0]) {
    case 0x48:
        return scsi_sanitize(m, c);
    case 0x04:
        return scsi_format(m, c);
    case 0x4d:
        return scsi_log(m, c);
    case 0xa3:
        return scsi_opcodes(m, c);
    default:
        return scsi_sense(c, 5, 0x2000);
    }
}

static int basic(struct model *m, struct lethe_command *c)
{
    switch (c->bytes[0]) {
    case 0x00:
        return unit_ready(m, c);
    case 0x03:
        return scsi_request_sense(m, c);
    case 0x12:
        return scsi_inquiry(m, c);
    case 0x15:
    case 0x55:
    case 0x1a:
    case 0x5a:
        return scsi_mode(m, c);
    case 0x08:
    case 0x28:
    case 0xa8:
    case 0x88:
        return transfer(m, c, false);
    case 0x0a:
    case 0x2a:
    case 0xaa:
    case 0x8a:
        return transfer(m, c, true);
    case 0x41:
    case 0x93:
        return write_same(m, c);
    case 0x42:
        return unmap(m, c);
    case 0x1b: /* START STOP UNIT */
    case 0x1e: /* PREVENT ALLOW MEDIUM REMOVAL */
    case 0x2f: /* VERIFY */
    case 0x8f:
        return 0;
    case 0x35:
    case 0x91:
        return lethe_io_sync(m->io.lower) < 0 ? scsi_sense(c, 3, 0x0c00) : 0;
    case 0x25:
        return capacity(m, c);
    case 0x9e:
        return (c->bytes[1] & 0x1f) == 0x10 ? capacity(m, c) : scsi_sense(c, 5, 0x2400);
    case 0xa0:
        return report_luns(c);
    case 0xa2:
    case 0xb5:
        return security_protocol(m, c);
    case 0x94:
    case 0x95: /* the kernel's translator has them for SATA drives as well */
        return zones_are_told(m) ? scsi_zones(m, c) : scsi_sense(c, 5, 0x2000);
    default:
        return m->controller.kind == MODEL_SCSI && m->controller.bridge == BRIDGE_NONE
                   ? native(m, c)
                   : scsi_sense(c, 5, 0x2000);
    }
}

static bool is_pass_through(const struct model *m, const struct lethe_command *c)
{
    bool ata = m->controller.kind == MODEL_ATA || m->controller.bridge == BRIDGE_SAT_FAKE;
    return ata && (c->bytes[0] == 0x85 || c->bytes[0] == 0xa1);
}

static bool is_nvme(const struct model *m, const struct lethe_command *c)
{
    return m->controller.kind == MODEL_NVME &&
           (c->bytes[0] == 0xa1 || (c->bytes[0] >= 0xe4 && c->bytes[0] <= 0xe6));
}

/* A bridge that gives what its buffer held before, from `size` on. */
static void make_stale(struct model *m, struct lethe_command *c)
{
    if (c->direction != LETHE_DATA_IN || c->result != 0)
        return;
    const struct lie_rule *lie = model_strike(m, LIE_STALE_BUFFER, OPERATION_NONE);
    uint8_t *data = c->data;
    size_t len =
        c->transferred < sizeof(m->state->buffer) ? c->transferred : sizeof(m->state->buffer);
    for (size_t i = 0; i < len; i++) {
        uint8_t fresh = data[i];
        if (lie && i >= lie->size)
            data[i] = m->state->buffer[i];
        m->state->buffer[i] = fresh;
    }
}

int scsi_command(struct model *m, struct lethe_command *c)
{
    /* The length that the group says (SPC-5 4.2.5.1); vendor groups have none. */
    static const uint8_t lengths[8] = {6, 10, 10, 1, 16, 12, 1, 1};
    if (c->n_bytes < 1 || c->n_bytes < lengths[c->bytes[0] >> 5])
        return -EINVAL;
    uint32_t attention = m->state->attention;
    bool exempt = c->bytes[0] == 0x12 || c->bytes[0] == 0xa0 || c->bytes[0] == 0x03;
    if (attention && !exempt) {
        m->state->attention = 0;
        return scsi_sense(c, attention >> 16, attention & 0xffff);
    }
    int rc = is_pass_through(m, c) ? sat_pass_through(m, c)
             : is_nvme(m, c)       ? usb_nvme(m, c)
                                   : basic(m, c);
    if (rc == 0)
        make_stale(m, c);
    return rc;
}
