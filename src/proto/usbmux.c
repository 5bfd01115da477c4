/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/usbmux.h"

#include "proto/bytes.h"

#include <string.h>

void lethe_mux_client_build(uint8_t out[LETHE_MUX_CLIENT_HEADER], uint32_t tag, uint32_t len)
{
    lethe_put_le32(out, (uint32_t)LETHE_MUX_CLIENT_HEADER + len);
    lethe_put_le32(out + 4, 1);
    lethe_put_le32(out + 8, LETHE_MUX_PLIST);
    lethe_put_le32(out + 12, tag);
}

int lethe_mux_client_parse(const uint8_t data[LETHE_MUX_CLIENT_HEADER], uint32_t *tag,
                           uint32_t *len, struct lethe_error *err)
{
    uint32_t total = lethe_le32(data), version = lethe_le32(data + 4), type = lethe_le32(data + 8);
    *tag = lethe_le32(data + 12);
    *len = 0;
    if (version != 1 || type != LETHE_MUX_PLIST)
        return lethe_fail(err, LETHE_E_INVALID,
                          "a usbmux message of version %u and type %u is none of ours", version,
                          type);
    if (total < LETHE_MUX_CLIENT_HEADER || total > LETHE_MUX_CLIENT_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "a usbmux message of %u bytes can't be", total);
    *len = total - (uint32_t)LETHE_MUX_CLIENT_HEADER;
    return 0;
}

static size_t header_size(unsigned version, uint32_t protocol)
{
    return version < 2 || protocol == LETHE_MUX_VERSION ? LETHE_MUX_HEADER_V1 : LETHE_MUX_HEADER_V2;
}

size_t lethe_mux_header_build(uint8_t out[LETHE_MUX_HEADER_V2], unsigned version,
                              enum lethe_mux_protocol protocol, uint16_t tx_seq, uint16_t rx_seq,
                              uint32_t payload_len)
{
    size_t size = header_size(version, protocol);
    lethe_put_be32(out, protocol);
    lethe_put_be32(out + 4, (uint32_t)size + payload_len);
    if (size == LETHE_MUX_HEADER_V2) {
        lethe_put_be32(out + 8, LETHE_MUX_MAGIC);
        lethe_put_be16(out + 12, tx_seq);
        lethe_put_be16(out + 14, rx_seq);
    }
    return size;
}

int lethe_mux_packet_parse(const uint8_t *data, size_t len, unsigned version,
                           struct lethe_mux_packet *out, struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    if (len < LETHE_MUX_HEADER_V1)
        return 0;
    uint32_t protocol = lethe_be32(data), length = lethe_be32(data + 4);
    size_t size = header_size(version, protocol);
    if (protocol != LETHE_MUX_VERSION && protocol != LETHE_MUX_CONTROL &&
        protocol != LETHE_MUX_SETUP && protocol != LETHE_MUX_TCP)
        return lethe_fail(err, LETHE_E_INVALID, "usbmux knows no protocol %u", protocol);
    if (length < size || length > LETHE_MUX_PACKET_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "a usbmux packet of %u bytes can't be", length);
    out->protocol = (enum lethe_mux_protocol)protocol;
    out->length = length;
    if (len < length)
        return 0;
    if (size == LETHE_MUX_HEADER_V2) {
        if (lethe_be32(data + 8) != LETHE_MUX_MAGIC)
            return lethe_fail(err, LETHE_E_INVALID, "a usbmux packet without its magic");
        out->tx_seq = lethe_be16(data + 12);
        out->rx_seq = lethe_be16(data + 14);
    }
    out->payload = data + size;
    out->payload_len = length - size;
    return 1;
}

void lethe_mux_version_build(uint8_t out[12], uint32_t major, uint32_t minor)
{
    lethe_put_be32(out, major);
    lethe_put_be32(out + 4, minor);
    lethe_put_be32(out + 8, 0);
}

int lethe_mux_version_parse(const uint8_t *payload, size_t len, uint32_t *major, uint32_t *minor,
                            struct lethe_error *err)
{
    if (len < 12)
        return lethe_fail(err, LETHE_E_INVALID, "usbmux's version has 12 bytes, not %zu", len);
    *major = lethe_be32(payload);
    *minor = lethe_be32(payload + 4);
    return 0;
}

void lethe_mux_tcp_build(uint8_t out[LETHE_MUX_TCP_HEADER], const struct lethe_mux_tcp *tcp)
{
    memset(out, 0, LETHE_MUX_TCP_HEADER);
    lethe_put_be16(out, tcp->source);
    lethe_put_be16(out + 2, tcp->destination);
    lethe_put_be32(out + 4, tcp->seq);
    lethe_put_be32(out + 8, tcp->ack);
    out[12] = LETHE_MUX_TCP_HEADER / 4 << 4;
    out[13] = tcp->flags;
    lethe_put_be16(out + 14, (uint16_t)(tcp->window >> 8));
}

int lethe_mux_tcp_parse(const uint8_t *payload, size_t len, struct lethe_mux_tcp *out,
                        struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    if (len < LETHE_MUX_TCP_HEADER || payload[12] >> 4 != LETHE_MUX_TCP_HEADER / 4)
        return lethe_fail(err, LETHE_E_INVALID, "a usbmux TCP header has 20 bytes");
    *out = (struct lethe_mux_tcp){.source = lethe_be16(payload),
                                  .destination = lethe_be16(payload + 2),
                                  .seq = lethe_be32(payload + 4),
                                  .ack = lethe_be32(payload + 8),
                                  .flags = payload[13],
                                  .window = (uint32_t)lethe_be16(payload + 14) << 8,
                                  .data = payload + LETHE_MUX_TCP_HEADER,
                                  .len = len - LETHE_MUX_TCP_HEADER};
    return 0;
}
