/* SPDX-License-Identifier: Apache-2.0 */
/* How a label names a device without printing its serial number. */
#include "base/buf.h"
#include "base/crypto.h"
#include <lethe/cose.h>
#include <lethe/identity.h>
#include <string.h>

void lethe_qr_device_hash(const uint8_t jti[16], enum lethe_id_kind kind, const char *value,
                          uint8_t out[LETHE_QR_DEVICE_SIZE])
{
    struct {
        uint8_t jti[16];
        char text[320];
    } in;
    char folded[256];
    uint8_t hash[LETHE_HASH_SIZE];
    const char *name = lethe_id_kind_name(kind);
    size_t at = strlen(name) + 1; /* with its NUL, which parts the two */
    lethe_identifier_fold(folded, sizeof(folded), value);
    memcpy(in.jti, jti, sizeof(in.jti));
    memcpy(in.text, name, at);
    memcpy(in.text + at, folded, strlen(folded));
    lethe_sha256(hash, &in, sizeof(in.jti) + at + strlen(folded));
    memcpy(out, hash, LETHE_QR_DEVICE_SIZE);
}

bool lethe_qr_names_device(const struct lethe_qr *qr, const char *id)
{
    static const enum lethe_id_kind kinds[] = {LETHE_ID_SERIAL, LETHE_ID_IMEI,   LETHE_ID_WWN,
                                               LETHE_ID_EUI64,  LETHE_ID_NGUID,  LETHE_ID_UDID,
                                               LETHE_ID_CID,    LETHE_ID_BACKING};
    uint8_t hash[LETHE_QR_DEVICE_SIZE];
    char folded[256];
    lethe_identifier_fold(folded, sizeof(folded), id);
    /* Folding cuts what is longer, and a cut name could name another device. */
    if (!folded[0] || strlen(id) >= sizeof(folded))
        return false;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        lethe_qr_device_hash(qr->jti, kinds[k], id, hash);
        for (size_t i = 0; i < qr->n_devices; i++)
            if (memcmp(hash, qr->devices[i], sizeof(hash)) == 0)
                return true;
    }
    return false;
}
