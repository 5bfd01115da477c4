/* SPDX-License-Identifier: Apache-2.0 */
#include "emu/usb/face.h"

#include "emu/model/bytes.h"
#include <errno.h>

void lethe_face_bulk(struct lethe_face *face, uint8_t class_, uint8_t subclass, uint8_t protocol,
                     uint8_t text)
{
    const uint8_t configuration[] = {
        9, 2, 32,   0, 1, 1,      0,        0x80,     250,  /* one interface, 500 mA */
        9, 4, 0,    0, 2, class_, subclass, protocol, text, /**/
        7, 5, 0x81, 2, 0, 2,      0,        7,        5,    0x01, 2, 0, 2, 0};
    memcpy(face->configuration, configuration, sizeof(configuration));
    face->n_configuration = sizeof(configuration);
}

static int device_descriptor(const struct lethe_face *face, uint8_t *out)
{
    uint8_t device[18] = {18, 1, 0, 2, face->device_class, 0, 0, 64, [17] = 1};
    put_le(device + 8, 2, face->vendor);
    put_le(device + 10, 2, face->product);
    put_le(device + 12, 2, face->release);
    for (uint8_t i = 0; i < 3; i++)
        device[14 + i] = face->texts[i][0] ? (uint8_t)(i + 1) : 0;
    memcpy(out, device, sizeof(device));
    return (int)sizeof(device);
}

static int text_descriptor(const struct lethe_face *face, unsigned number, uint8_t *out)
{
    if (number == 0) { /* languages: English (US) */
        memcpy(out, (const uint8_t[]){4, 3, 9, 4}, 4);
        return 4;
    }
    if (number > LETHE_FACE_TEXTS || !face->texts[number - 1][0])
        return -EPIPE;
    const char *text = face->texts[number - 1];
    size_t n = strnlen(text, sizeof(face->texts[0]));
    out[0] = (uint8_t)(2 + 2 * n);
    out[1] = 3;
    for (size_t i = 0; i < n; i++)
        put_le(out + 2 + 2 * i, 2, (uint8_t)text[i]);
    return out[0];
}

static int descriptor(const struct lethe_face *face, unsigned type, unsigned number, uint8_t *out)
{
    switch (type) {
    case 1:
        return device_descriptor(face, out);
    case 2:
        if (number > 0)
            return -EPIPE;
        memcpy(out, face->configuration, face->n_configuration);
        return (int)face->n_configuration;
    case 3:
        return text_descriptor(face, number, out);
    case 6: /* what it would be at full speed */
        memcpy(out, (const uint8_t[]){10, 6, 0, 2, face->device_class, 0, 0, 64, 1, 0}, 10);
        return 10;
    default:
        return -EPIPE;
    }
}

int lethe_face_control(struct lethe_face *face, const uint8_t setup[8],
                       uint8_t out[LETHE_CONTROL_MAX])
{
    int n = 0;
    memset(out, 0, LETHE_CONTROL_MAX);
    switch (setup[0] << 8 | setup[1]) {
    case 0x8006: /* GET_DESCRIPTOR */
        n = descriptor(face, setup[3], setup[2], out);
        break;
    case 0x8000: /* GET_STATUS, of device, interface, endpoint */
    case 0x8100:
    case 0x8200:
        n = 2;
        break;
    case 0x8008: /* GET_CONFIGURATION */
        out[0] = face->configured;
        n = 1;
        break;
    case 0x810a: /* GET_INTERFACE */
        n = 1;
        break;
    case 0x0009: /* SET_CONFIGURATION */
        face->configured = setup[2];
        break;
    case 0x010b: /* SET_INTERFACE, CLEAR_FEATURE, SET_FEATURE */
    case 0x0201:
    case 0x0001:
    case 0x0003:
        break;
    default:
        return -EPIPE;
    }
    int wanted = (int)get_le(setup + 6, 2);
    return n < wanted ? n : wanted;
}
