/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/usbmux.h"

#include "proto/bytes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* after the above: cmocka wants setjmp and stdarg first */
#include <cmocka.h>

static void test_the_sockets_header(void **state)
{
    (void)state;
    static const uint8_t wanted[] = {26, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 7, 0, 0, 0};
    uint8_t header[LETHE_MUX_CLIENT_HEADER];
    uint32_t tag, len;
    lethe_mux_client_build(header, 7, 10);
    assert_memory_equal(header, wanted, sizeof(wanted));
    assert_int_equal(lethe_mux_client_parse(header, &tag, &len, NULL), 0);
    assert_int_equal(tag, 7);
    assert_int_equal(len, 10);
    lethe_put_le32(header, UINT32_MAX);
    assert_int_equal(lethe_mux_client_parse(header, &tag, &len, NULL), -LETHE_E_LIMIT);
    lethe_put_le32(header, 15);
    assert_int_equal(lethe_mux_client_parse(header, &tag, &len, NULL), -LETHE_E_LIMIT);
    lethe_mux_client_build(header, 7, 10);
    header[4] = 0; /* the binary protocol of long ago */
    assert_int_equal(lethe_mux_client_parse(header, &tag, &len, NULL), -LETHE_E_INVALID);
    assert_int_equal(LETHE_MUX_PORT_SWAP(LETHE_LOCKDOWN_PORT), 32498);
}

/* facts/phones.md 5.3: version and its answer behind 8 bytes, whatever is spoken later. */
static void test_versions(void **state)
{
    (void)state;
    uint8_t data[32];
    struct lethe_mux_packet packet;
    uint32_t major, minor;
    size_t n = lethe_mux_header_build(data, 2, LETHE_MUX_VERSION, 1, 2, 12);
    assert_int_equal(n, LETHE_MUX_HEADER_V1);
    lethe_mux_version_build(data + n, 2, 0);
    assert_int_equal(lethe_mux_packet_parse(data, 20, 2, &packet, NULL), 1);
    assert_int_equal(
        lethe_mux_version_parse(packet.payload, packet.payload_len, &major, &minor, NULL), 0);
    assert_int_equal(major, 2);
    assert_int_equal(lethe_mux_version_parse(packet.payload, 11, &major, &minor, NULL),
                     -LETHE_E_INVALID);
    n = lethe_mux_header_build(data, 2, LETHE_MUX_SETUP, 0, 0xffff, 1);
    assert_int_equal(n, LETHE_MUX_HEADER_V2);
    data[n] = 7;
    assert_int_equal(lethe_mux_packet_parse(data, n + 1, 2, &packet, NULL), 1);
    assert_int_equal(packet.rx_seq, 0xffff);
    assert_int_equal(packet.payload[0], 7);
    data[8] = 0; /* magic */
    assert_int_equal(lethe_mux_packet_parse(data, n + 1, 2, &packet, NULL), -LETHE_E_INVALID);
}

static void test_packets(void **state)
{
    (void)state;
    uint8_t data[64];
    struct lethe_mux_packet packet;
    struct lethe_mux_tcp tcp = {.source = 62078,
                                .destination = 1,
                                .seq = 5,
                                .ack = 9,
                                .flags = LETHE_MUX_SYN | LETHE_MUX_ACK,
                                .window = 131072},
                         same;
    size_t n = lethe_mux_header_build(data, 2, LETHE_MUX_TCP, 3, 4, LETHE_MUX_TCP_HEADER + 2);
    lethe_mux_tcp_build(data + n, &tcp);
    memcpy(data + n + LETHE_MUX_TCP_HEADER, "hi", 2);
    size_t whole = n + LETHE_MUX_TCP_HEADER + 2;
    for (size_t len = 0; len < whole; len++)
        assert_int_equal(lethe_mux_packet_parse(data, len, 2, &packet, NULL), 0);
    assert_int_equal(packet.length, whole);
    assert_int_equal(lethe_mux_packet_parse(data, sizeof(data), 2, &packet, NULL), 1);
    assert_int_equal(lethe_mux_tcp_parse(packet.payload, packet.payload_len, &same, NULL), 0);
    assert_int_equal(same.source, 62078);
    assert_int_equal(same.flags, tcp.flags);
    assert_int_equal(same.window, 131072);
    assert_int_equal(same.len, 2);
    assert_memory_equal(same.data, "hi", 2);
    assert_int_equal(lethe_mux_tcp_parse(packet.payload, 19, &same, NULL), -LETHE_E_INVALID);

    lethe_put_be32(data + 4, UINT32_MAX);
    assert_int_equal(lethe_mux_packet_parse(data, sizeof(data), 2, &packet, NULL), -LETHE_E_LIMIT);
    lethe_put_be32(data + 4, 9);
    assert_int_equal(lethe_mux_packet_parse(data, sizeof(data), 2, &packet, NULL), -LETHE_E_LIMIT);
    lethe_put_be32(data, 5);
    assert_int_equal(lethe_mux_packet_parse(data, sizeof(data), 2, &packet, NULL),
                     -LETHE_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_sockets_header),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_packets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
