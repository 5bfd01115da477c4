/* SPDX-License-Identifier: Apache-2.0 */
/* NVMe behind USB bridges: three makers' vendor commands (facts/drives.md A4). */
#include "emu/model/bytes.h"
#include "emu/model/model.h"

#define JMICRON_SIGNATURE 0x454d564e /* "NVME" */

static int admin(struct model *m, struct lethe_command *c, uint8_t command[64], uint8_t *data,
                 size_t len, bool in)
{
    uint16_t status = 0;
    uint32_t result = 0;
    if (model_strike(m, LIE_SWALLOW_DWORDS, OPERATION_NONE)) {
        put_le(command + 42, 2, 0);
        memset(command + 44, 0, 20);
    }
    int rc = nvme_admin(m, command, data, len, in, c->timeout_ms, &status, &result);
    m->state->bridge.status = status;
    m->state->bridge.result = result;
    return rc;
}

/* First the command is handed over, then it runs with its data, then its completion is fetched. */
static int jmicron(struct model *m, struct lethe_command *c)
{
    unsigned protocol = c->bytes[1] & 0x7f;
    size_t len = get_be(c->bytes + 3, 3);
    uint8_t *data = c->data, command[64] = {0}, reply[512] = {0}, none[1];
    if (!(c->bytes[1] & 0x80))
        return scsi_sense(c, 5, 0x2400);
    len = len < c->data_len ? len : c->data_len;
    switch (protocol) {
    case 0:
        if (c->direction != LETHE_DATA_OUT || len < 72 || get_le(data, 4) != JMICRON_SIGNATURE)
            return scsi_sense(c, 5, 0x2600);
        m->state->bridge.opcode = data[8];
        m->state->bridge.nsid = (uint32_t)get_le(data + 12, 4);
        for (size_t i = 0; i < 6; i++)
            m->state->bridge.data[i] = (uint32_t)get_le(data + 48 + 4 * i, 4);
        m->state->bridge.armed = 1;
        c->transferred = len;
        return 0;
    case 1:
    case 2:
    case 3:
        if (!m->state->bridge.armed || c->direction != (protocol == 1   ? LETHE_DATA_NONE
                                                        : protocol == 2 ? LETHE_DATA_IN
                                                                        : LETHE_DATA_OUT))
            return scsi_sense(c, 5, 0x2400);
        m->state->bridge.armed = 0;
        command[0] = (uint8_t)m->state->bridge.opcode;
        put_le(command + 4, 4, m->state->bridge.nsid);
        for (size_t i = 0; i < 6; i++)
            put_le(command + 40 + 4 * i, 4, m->state->bridge.data[i]);
        c->transferred = protocol == 1 ? 0 : len;
        return admin(m, c, command, protocol == 1 ? none : data, c->transferred, protocol == 2);
    case 15:
        put_le(reply, 4, JMICRON_SIGNATURE);
        put_le(reply + 8, 4, m->state->bridge.result);
        put_le(reply + 20, 4, (uint64_t)m->state->bridge.status << 17);
        return scsi_reply(c, reply, sizeof(reply), len);
    default:
        return scsi_sense(c, 5, 0x2400);
    }
}

/* Of a completion nothing comes back but good or bad. */
static int finish(struct model *m, struct lethe_command *c, int rc)
{
    if (rc == 0 && m->state->bridge.status != 0)
        return scsi_sense(c, 4, 0x4400);
    return rc;
}

/* [1] opcode, [3] CDW10(7:0), [6:7] CDW10(31:16), [8:11] CDW13, [12:15] CDW12; reads only. */
static int asmedia(struct model *m, struct lethe_command *c)
{
    const uint8_t *cdb = c->bytes;
    uint8_t command[64] = {0};
    if (c->n_bytes < 16 || c->direction != LETHE_DATA_IN || (cdb[1] != 0x06 && cdb[1] != 0x02))
        return scsi_sense(c, 5, 0x2000);
    command[0] = cdb[1];
    put_le(command + 4, 4, cdb[1] == 0x06 && cdb[3] == 0 ? 1 : cdb[1] == 0x02 ? UINT32_MAX : 0);
    command[40] = cdb[3];
    put_le(command + 42, 2, get_be(cdb + 6, 2));
    put_le(command + 48, 4, get_be(cdb + 12, 4));
    put_le(command + 52, 4, get_be(cdb + 8, 4));
    c->transferred = c->data_len;
    return finish(m, c, admin(m, c, command, c->data, c->data_len, true));
}

/* E4h in, E5h out: [1:2] length, [3] opcode, [4] CDW10(7:0). Format takes no SES, and there is no
 * Sanitize. Behind 512 bytes of a log comes what the buffer had. */
static int realtek(struct model *m, struct lethe_command *c)
{
    const uint8_t *cdb = c->bytes;
    uint8_t command[64] = {0}, *data = c->data;
    bool in = cdb[0] == 0xe4;
    size_t len = get_le(cdb + 1, 2);
    if (c->n_bytes < 16)
        return scsi_sense(c, 5, 0x2000);
    len = len < c->data_len ? len : c->data_len;
    bool known = in ? cdb[3] == 0x06 || cdb[3] == 0x02 : cdb[3] == 0x80 || cdb[3] == 0x81;
    if (!known || (len > 0 && c->direction != (in ? LETHE_DATA_IN : LETHE_DATA_OUT)))
        return scsi_sense(c, 5, 0x2000);
    command[0] = cdb[3];
    put_le(command + 4, 4, cdb[3] == 0x06 && cdb[4] == 1 ? 0 : cdb[3] == 0x02 ? UINT32_MAX : 1);
    command[40] = cdb[4];
    size_t fresh = cdb[3] == 0x02 && len > 512 ? 512 : len;
    if (cdb[3] == 0x02)
        put_le(command + 42, 2, fresh / 4 ? fresh / 4 - 1 : 0);
    int rc = admin(m, c, command, data, fresh, in);
    for (size_t i = fresh; in && i < len && i < sizeof(m->state->buffer); i++)
        data[i] = m->state->buffer[i];
    c->transferred = len;
    return finish(m, c, rc);
}

int usb_nvme(struct model *m, struct lethe_command *c)
{
    switch (m->controller.bridge) {
    case BRIDGE_JMICRON:
        return c->bytes[0] == 0xa1 && c->n_bytes >= 12 ? jmicron(m, c) : scsi_sense(c, 5, 0x2000);
    case BRIDGE_ASMEDIA:
        return c->bytes[0] == 0xe6 ? asmedia(m, c) : scsi_sense(c, 5, 0x2000);
    case BRIDGE_REALTEK:
        return c->bytes[0] == 0xe4 || c->bytes[0] == 0xe5 ? realtek(m, c)
                                                          : scsi_sense(c, 5, 0x2000);
    default:
        return scsi_sense(c, 5, 0x2000);
    }
}
