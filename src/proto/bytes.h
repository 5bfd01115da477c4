/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of wire formats: big-endian (SCSI, TCG), little-endian (ATA, NVMe, MMC), and text from a
 * device. Nothing here checks bounds: the parsers do, once, at their top. */
#ifndef LETHE_PROTO_BYTES_H
#define LETHE_PROTO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint16_t lethe_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}
static inline uint32_t lethe_be24(const uint8_t *p)
{
    return (uint32_t)p[0] << 16 | lethe_be16(p + 1);
}
static inline uint32_t lethe_be32(const uint8_t *p)
{
    return (uint32_t)lethe_be16(p) << 16 | lethe_be16(p + 2);
}
static inline uint64_t lethe_be64(const uint8_t *p)
{
    return (uint64_t)lethe_be32(p) << 32 | lethe_be32(p + 4);
}
static inline uint16_t lethe_le16(const uint8_t *p)
{
    return (uint16_t)(p[1] << 8 | p[0]);
}
static inline uint32_t lethe_le32(const uint8_t *p)
{
    return (uint32_t)lethe_le16(p + 2) << 16 | lethe_le16(p);
}
static inline uint64_t lethe_le64(const uint8_t *p)
{
    return (uint64_t)lethe_le32(p + 4) << 32 | lethe_le32(p);
}
static inline void lethe_put_be16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}
static inline void lethe_put_be32(uint8_t *p, uint32_t v)
{
    lethe_put_be16(p, (uint16_t)(v >> 16));
    lethe_put_be16(p + 2, (uint16_t)v);
}
static inline void lethe_put_be64(uint8_t *p, uint64_t v)
{
    lethe_put_be32(p, (uint32_t)(v >> 32));
    lethe_put_be32(p + 4, (uint32_t)v);
}
static inline void lethe_put_le16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}
static inline void lethe_put_le32(uint8_t *p, uint32_t v)
{
    lethe_put_le16(p, (uint16_t)v);
    lethe_put_le16(p + 2, (uint16_t)(v >> 16));
}
static inline void lethe_put_le64(uint8_t *p, uint64_t v)
{
    lethe_put_le32(p, (uint32_t)v);
    lethe_put_le32(p + 4, (uint32_t)(v >> 32));
}

/* A 128-bit little-endian count; one beyond 2^64-1 becomes 2^64-1. */
uint64_t lethe_le128(const uint8_t *p);
bool lethe_bytes_all(const uint8_t *p, size_t len, uint8_t value);

/* A fixed text field: padding (NUL or space) off both ends, then lethe_text_clean(). */
void lethe_field_text(char *out, size_t out_size, const uint8_t *field, size_t len);
/* The same for ATA, whose words hold two characters high byte first (ACS-4 3.4.9). LEN is even. */
void lethe_field_ata_text(char *out, size_t out_size, const uint8_t *field, size_t len);

#endif
