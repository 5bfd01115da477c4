/* SPDX-License-Identifier: Apache-2.0 */
/* Both usbmux protocols. The first byte chooses the version of the packets. */
#include "proto/usbmux.h"

#include <stdlib.h>
#include <string.h>

static void packets(const uint8_t *data, size_t size, unsigned version)
{
    while (size > 0) {
        struct lethe_mux_packet packet;
        struct lethe_mux_tcp tcp;
        uint32_t major, minor;
        int rc = lethe_mux_packet_parse(data, size, version, &packet, NULL);
        if (rc <= 0)
            return;
        if (packet.length > size || packet.payload < data ||
            packet.payload + packet.payload_len != data + packet.length)
            abort();
        if (packet.protocol == LETHE_MUX_TCP &&
            lethe_mux_tcp_parse(packet.payload, packet.payload_len, &tcp, NULL) == 0) {
            uint8_t again[LETHE_MUX_TCP_HEADER];
            struct lethe_mux_tcp same;
            lethe_mux_tcp_build(again, &tcp);
            if (tcp.data + tcp.len != packet.payload + packet.payload_len ||
                lethe_mux_tcp_parse(again, sizeof again, &same, NULL) < 0 || same.seq != tcp.seq ||
                same.window != tcp.window || same.flags != tcp.flags)
                abort();
        }
        lethe_mux_version_parse(packet.payload, packet.payload_len, &major, &minor, NULL);
        data += packet.length;
        size -= packet.length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t tag, len;
    if (size < 1)
        return 0;
    packets(data + 1, size - 1, data[0] & 3);
    if (size > LETHE_MUX_CLIENT_HEADER && lethe_mux_client_parse(data + 1, &tag, &len, NULL) == 0) {
        uint8_t again[LETHE_MUX_CLIENT_HEADER];
        lethe_mux_client_build(again, tag, len);
        if (memcmp(again, data + 1, sizeof again) != 0)
            abort();
    }
    return 0;
}
