/* SPDX-License-Identifier: Apache-2.0 */
/* Identify data structures (Base 2.0 5.17, NVM Command Set 1.0 4.1.5). */
#include "base/text.h"
#include "proto/bytes.h"
#include "proto/nvme.h"

#include <stdio.h>
#include <string.h>

static int check(const char *what, const uint8_t *data, size_t len, size_t needed,
                 struct lethe_error *err)
{
    if (len < needed)
        return lethe_fail(err, LETHE_E_INVALID, "%s has %zu bytes, not %zu", what, len, needed);
    if (lethe_bytes_all(data, needed, 0xff))
        return lethe_fail(err, LETHE_E_INVALID, "%s is all ones: the controller does not answer",
                          what);
    return 0;
}

static bool bit(uint32_t value, unsigned n)
{
    return value >> n & 1;
}

int lethe_nvme_controller_parse(const uint8_t *data, size_t len, struct lethe_nvme_controller *out,
                                struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    int rc = check("Identify Controller", data, len, LETHE_NVME_IDENTIFY_SIZE, err);
    if (rc < 0)
        return rc;
    out->vid = lethe_le16(data);
    out->ssvid = lethe_le16(data + 2);
    lethe_field_text(out->serial, sizeof out->serial, data + 4, 20);
    lethe_field_text(out->model, sizeof out->model, data + 24, 40);
    lethe_field_text(out->firmware, sizeof out->firmware, data + 64, 8);
    if (out->model[0] == '\0')
        return lethe_fail(err, LETHE_E_INVALID,
                          "Identify Controller names no model: not the answer of an NVMe drive");
    out->multi_port = bit(data[76], 0);
    out->controllers = bit(data[76], 1);
    out->sr_iov = bit(data[76], 2);
    out->mdts = data[77];
    out->cntlid = lethe_le16(data + 78);
    out->version = lethe_le32(data + 80);
    uint16_t oacs = lethe_le16(data + 256);
    out->security = bit(oacs, 0);
    out->format = bit(oacs, 1);
    out->ns_management = bit(oacs, 3);
    out->self_test = bit(oacs, 4);
    out->warning_kelvin = lethe_le16(data + 266);
    out->critical_kelvin = lethe_le16(data + 268);
    out->total = lethe_le128(data + 280);
    out->unallocated = lethe_le128(data + 296);
    out->sanicap = lethe_le32(data + 328);
    out->sanitize_crypto = bit(out->sanicap, 0);
    out->sanitize_block = bit(out->sanicap, 1);
    out->sanitize_overwrite = bit(out->sanicap, 2);
    out->sanitize_verify = bit(out->sanicap, 3);
    out->no_deallocate_inhibited = bit(out->sanicap, 29);
    out->no_deallocate_modifies = (uint8_t)(out->sanicap >> 30);
    out->namespaces = lethe_le32(data + 516);
    uint8_t fna = data[524];
    out->format_all_namespaces = bit(fna, 0);
    out->erase_all_namespaces = bit(fna, 1);
    out->format_crypto = bit(fna, 2);
    out->format_no_broadcast = bit(fna, 3);
    out->volatile_write_cache = bit(data[525], 0);
    lethe_field_text(out->subnqn, sizeof out->subnqn, data + 768, 256);
    return 0;
}

static void hex_or_empty(char *out, const uint8_t *data, size_t len)
{
    out[0] = '\0';
    if (!lethe_bytes_all(data, len, 0))
        lethe_hex_encode(out, data, len);
}

int lethe_nvme_namespace_parse(const uint8_t *data, size_t len, struct lethe_nvme_namespace *out,
                               struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    int rc = check("Identify Namespace", data, len, LETHE_NVME_IDENTIFY_SIZE, err);
    if (rc < 0)
        return rc;
    out->size = lethe_le64(data);
    out->capacity = lethe_le64(data + 8);
    out->used = lethe_le64(data + 16);
    out->formats = (uint8_t)(data[25] + 1);
    uint8_t flbas = data[26];
    /* More than 16 formats: bits 6:5 are the upper part of the index. */
    out->format = (uint8_t)((flbas & 0xf) | (out->formats > 16 ? (flbas >> 5 & 3) << 4 : 0));
    out->metadata_inline = bit(flbas, 4);
    out->protection = data[29] & 7;
    out->protection_first = bit(data[29], 3);
    out->shared = bit(data[30], 0);
    out->deallocated_zero = (data[33] & 7) == 1;
    out->bytes = lethe_le128(data + 48);
    hex_or_empty(out->nguid, data + 104, 16);
    hex_or_empty(out->eui64, data + 120, 8);
    if (out->size == 0)
        return 0; /* not an active namespace: all zeros */
    const uint8_t *format = data + 128 + 4 * (size_t)out->format;
    unsigned shift = format[2];
    if (data[25] > 63 || out->format >= out->formats || shift < 9 || shift > 20)
        return lethe_fail(err, LETHE_E_INVALID, "the namespace tells an impossible LBA format");
    out->metadata = lethe_le16(format);
    out->block = 1u << shift;
    return 0;
}

int lethe_nvme_list_parse(const uint8_t *data, size_t len, uint32_t *out, size_t cap,
                          struct lethe_error *err)
{
    int n = 0;
    uint32_t before = 0;
    for (size_t at = 0; at + 4 <= len && n < LETHE_NVME_LIST_MAX; at += 4) {
        uint32_t nsid = lethe_le32(data + at);
        if (nsid == 0)
            break;
        if (nsid <= before || nsid == LETHE_NVME_ALL)
            return lethe_fail(err, LETHE_E_INVALID, "the list of namespaces is out of order");
        before = nsid;
        if ((size_t)n < cap)
            out[n] = nsid;
        n++;
    }
    return n;
}

int lethe_nvme_controllers_parse(const uint8_t *data, size_t len, uint16_t *out, size_t cap,
                                 struct lethe_error *err)
{
    if (len < 2)
        return lethe_fail(err, LETHE_E_INVALID, "the list of controllers is too short");
    size_t n = lethe_le16(data);
    if (n > 2047 || 2 + 2 * n > len)
        return lethe_fail(err, LETHE_E_INVALID, "the list of controllers is cut off");
    for (size_t i = 0; i < n && i < cap; i++)
        out[i] = lethe_le16(data + 2 + 2 * i);
    return (int)n;
}

int lethe_nvme_descriptors_parse(const uint8_t *data, size_t len,
                                 struct lethe_nvme_descriptors *out, struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (len < 4)
        return lethe_fail(err, LETHE_E_INVALID, "the list of descriptors is too short");
    for (size_t at = 0; at + 4 <= len && data[at] != 0 && data[at + 1] != 0;
         at += 4 + (size_t)data[at + 1]) {
        const uint8_t *id = data + at + 4;
        size_t n = data[at + 1];
        if (at + 4 + n > len)
            break;
        if (data[at] == 1 && n == 8)
            hex_or_empty(out->eui64, id, 8);
        else if (data[at] == 2 && n == 16)
            hex_or_empty(out->nguid, id, 16);
        else if (data[at] == 3 && n == 16 && !lethe_bytes_all(id, 16, 0)) {
            char hex[33];
            lethe_hex_encode(hex, id, 16);
            snprintf(out->uuid, sizeof out->uuid, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
                     hex + 12, hex + 16, hex + 20);
        }
    }
    return 0;
}
