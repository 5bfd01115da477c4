/* SPDX-License-Identifier: Apache-2.0 */
/* usbmux over USB, the phone's side: what the real usbmuxd does first, and what it must not do. */
#include "bench.h"

#include <base/text.h>
#include <emu/phone/iphone_stream.h>
#include <emu/phone/phone_usb.h>
#include <emu/phone/plist.h>
#include <endian.h>
#include <ftw.h>
#include <proto/usbmux.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { HOST = 7, WINDOW = 131072 };

struct host {
    struct bench bench;
    struct phone_engine *engine;
    unsigned version;
    uint16_t sent;
    uint32_t said, heard;
    uint8_t packet[LETHE_MUX_PACKET_MAX];
    struct lethe_mux_tcp tcp; /* the last one that came */
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void plug_in(struct host *host)
{
    char path[256];
    *host = (struct host){.version = 1};
    bench_new(&host->bench, "devices:\n"
                            "  - name: pocket\n"
                            "    phone: {personality: iphone}\n");
    bench_load(&host->bench);
    assert_true(
        lethe_text_format(path, sizeof(path), "%s/bench.yaml.pocket.phone", host->bench.dir));
    assert_int_equal(phone_engine_open(path, &host->engine, &host->bench.err), 0);
}

static void pull_out(struct host *host)
{
    phone_engine_close(host->engine);
    lethe_device_list_clear(&host->bench.list);
    assert_int_equal(nftw(host->bench.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void say(struct host *host, enum lethe_mux_protocol protocol, const void *head,
                size_t head_len, const void *data, size_t len)
{
    size_t at = lethe_mux_header_build(host->packet, host->version, protocol, host->sent++, 0,
                                       (uint32_t)(head_len + len));
    memcpy(host->packet + at, head, head_len);
    if (len)
        memcpy(host->packet + at + head_len, data, len);
    len += head_len + at;
    /* As the kernel may: in pieces. */
    size_t half = len / 2;
    assert_int_equal(phone_engine_out(host->engine, host->packet, half), 0);
    assert_int_equal(phone_engine_out(host->engine, host->packet + half, len - half), 0);
}

static void say_tcp(struct host *host, uint16_t port, uint8_t flags, uint32_t window,
                    const void *data, size_t len)
{
    uint8_t head[LETHE_MUX_TCP_HEADER];
    struct lethe_mux_tcp tcp = {HOST, port, host->said, host->heard, flags, window, NULL, 0};
    lethe_mux_tcp_build(head, &tcp);
    say(host, LETHE_MUX_TCP, head, sizeof(head), data, len);
    host->said += (uint32_t)len + (flags == LETHE_MUX_SYN);
}

/* Its next packet, as usbmuxd reads it: 16384 bytes at a time. False: none now. */
static bool receive(struct host *host, struct lethe_mux_packet *packet)
{
    size_t len = 0;
    ssize_t got = LETHE_MUX_TRANSFER;
    assert_int_equal(phone_engine_tick(host->engine), 0);
    while (got == LETHE_MUX_TRANSFER) {
        got = phone_engine_in(host->engine, host->packet + len, LETHE_MUX_TRANSFER);
        assert_true(got >= 0);
        len += (size_t)got;
    }
    if (len == 0)
        return false;
    assert_int_equal(lethe_mux_packet_parse(host->packet, len, host->version, packet, NULL), 1);
    assert_int_equal(packet->length, len);
    return true;
}

static bool receive_tcp(struct host *host)
{
    struct lethe_mux_packet packet;
    if (!receive(host, &packet))
        return false;
    assert_int_equal(packet.protocol, LETHE_MUX_TCP);
    assert_int_equal(lethe_mux_tcp_parse(packet.payload, packet.payload_len, &host->tcp, NULL), 0);
    assert_int_equal(host->tcp.destination, HOST);
    return true;
}

static void shake_hands(struct host *host)
{
    struct lethe_mux_packet packet;
    uint8_t version[12];
    uint32_t major, minor;
    lethe_mux_version_build(version, 2, 0);
    say(host, LETHE_MUX_VERSION, version, sizeof(version), NULL, 0);
    assert_true(receive(host, &packet));
    assert_int_equal(packet.protocol, LETHE_MUX_VERSION);
    assert_int_equal(
        lethe_mux_version_parse(packet.payload, packet.payload_len, &major, &minor, NULL), 0);
    assert_int_equal(major, 2);
    host->version = 2;
    host->sent = 0;
    say(host, LETHE_MUX_SETUP, "\x07", 1, NULL, 0);
    assert_false(receive(host, &packet));
}

static void open_port(struct host *host, uint16_t port, uint32_t window)
{
    host->said = 0;
    host->heard = 0;
    say_tcp(host, port, LETHE_MUX_SYN, window, NULL, 0);
    assert_true(receive_tcp(host));
    assert_int_equal(host->tcp.flags, LETHE_MUX_SYN | LETHE_MUX_ACK);
    assert_int_equal(host->tcp.ack, 1);
    assert_true(host->tcp.window >= LETHE_MUX_HOST_MTU);
    host->heard = 1;
    say_tcp(host, port, LETHE_MUX_ACK, window, NULL, 0);
}

static void ask(struct host *host, const char *text, uint32_t window)
{
    LETHE_BUF_AUTO body = {0}, whole = {0};
    json_t *json = json_loads(text, 0, NULL);
    assert_int_equal(plist_encode(json, false, &body), 0);
    json_decref(json);
    uint32_t len = htobe32((uint32_t)body.len);
    lethe_buf_add(&whole, &len, 4);
    lethe_buf_add(&whole, body.data, body.len);
    say_tcp(host, IPHONE_LOCKDOWN_PORT, LETHE_MUX_ACK, window, whole.data, whole.len);
}

/* The whole reply, acknowledged as it comes; how many packets brought it. */
static unsigned collect(struct host *host, uint32_t window, json_t **reply)
{
    LETHE_BUF_AUTO got = {0};
    unsigned packets = 0;
    while (receive_tcp(host)) {
        assert_int_equal(host->tcp.flags, LETHE_MUX_ACK);
        if (host->tcp.len == 0)
            continue;
        assert_int_equal(host->tcp.seq, host->heard);
        assert_true(host->tcp.len <= window);
        packets++;
        lethe_buf_add(&got, host->tcp.data, host->tcp.len);
        host->heard += (uint32_t)host->tcp.len;
        say_tcp(host, IPHONE_LOCKDOWN_PORT, LETHE_MUX_ACK, window, NULL, 0);
    }
    assert_true(got.len > 4);
    *reply = plist_decode(got.data + 4, got.len - 4);
    assert_non_null(*reply);
    return packets;
}

static void test_lockdown(void **state)
{
    (void)state;
    struct host host;
    json_t *reply;
    plug_in(&host);
    shake_hands(&host);
    open_port(&host, IPHONE_LOCKDOWN_PORT, WINDOW);
    ask(&host, "{\"Request\": \"QueryType\"}", WINDOW);
    assert_int_equal(collect(&host, WINDOW, &reply), 1);
    assert_string_equal(json_string_value(json_object_get(reply, "Type")),
                        "com.apple.mobile.lockdown");
    json_decref(reply);
    pull_out(&host);
}

/* A host that takes little at a time gets no more. */
static void test_window(void **state)
{
    (void)state;
    struct host host;
    json_t *reply;
    plug_in(&host);
    shake_hands(&host);
    open_port(&host, IPHONE_LOCKDOWN_PORT, 256);
    ask(&host, "{\"Request\": \"GetValue\"}", 256);
    assert_true(collect(&host, 256, &reply) > 4);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(reply, "Value"), "UniqueDeviceID")),
        "00008030-001C2D3E4F50001E");
    json_decref(reply);
    pull_out(&host);
}

/* A reply larger than one read of usbmuxd's, in packets that have to be put together. */
static void test_large(void **state)
{
    (void)state;
    struct host host;
    json_t *reply;
    char *request = NULL;
    plug_in(&host);
    shake_hands(&host);
    open_port(&host, IPHONE_LOCKDOWN_PORT, WINDOW);
    /* An answer repeats the key that it was asked for. */
    char key[30001];
    memset(key, 'k', sizeof(key) - 1);
    key[sizeof(key) - 1] = '\0';
    assert_true(asprintf(&request, "{\"Request\": \"GetValue\", \"Key\": \"%s\"}", key) > 0);
    ask(&host, request, WINDOW);
    free(request);
    assert_int_equal(collect(&host, WINDOW, &reply), 2);
    assert_string_equal(json_string_value(json_object_get(reply, "Key")), key);
    assert_string_equal(json_string_value(json_object_get(reply, "Error")), "MissingValue");
    json_decref(reply);
    pull_out(&host);
}

static void test_refused(void **state)
{
    (void)state;
    struct host host;
    plug_in(&host);
    shake_hands(&host);
    say_tcp(&host, 4711, LETHE_MUX_SYN, WINDOW, NULL, 0);
    assert_true(receive_tcp(&host));
    assert_int_equal(host.tcp.flags, LETHE_MUX_RST);
    /* Not a plist: the phone hangs up. */
    open_port(&host, IPHONE_LOCKDOWN_PORT, WINDOW);
    say_tcp(&host, IPHONE_LOCKDOWN_PORT, LETHE_MUX_ACK, WINDOW, "\xff\xff\xff\xff", 4);
    assert_true(receive_tcp(&host));
    while (host.tcp.flags == LETHE_MUX_ACK)
        assert_true(receive_tcp(&host));
    assert_int_equal(host.tcp.flags, LETHE_MUX_RST);
    pull_out(&host);
}

/* Bytes that are no packet end nothing: the phone says so, and goes on. */
static void test_nonsense(void **state)
{
    (void)state;
    struct host host;
    struct lethe_mux_packet packet;
    plug_in(&host);
    shake_hands(&host);
    memset(host.packet, 0x41, 64);
    assert_int_equal(phone_engine_out(host.engine, host.packet, 64), 0);
    assert_true(receive(&host, &packet));
    assert_int_equal(packet.protocol, LETHE_MUX_CONTROL);
    assert_int_equal(packet.payload[0], 3);
    open_port(&host, IPHONE_LOCKDOWN_PORT, WINDOW);
    pull_out(&host);
}

/* It leaves its port while a connection is open. */
static void test_leaves(void **state)
{
    (void)state;
    struct host host;
    plug_in(&host);
    shake_hands(&host);
    open_port(&host, IPHONE_LOCKDOWN_PORT, WINDOW);
    assert_int_equal(lethe_emu_power_cycle(&host.bench.list.devices[0], &host.bench.err), 0);
    assert_int_equal(phone_engine_tick(host.engine), -ENODEV);
    pull_out(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lockdown), cmocka_unit_test(test_window),
        cmocka_unit_test(test_large),    cmocka_unit_test(test_refused),
        cmocka_unit_test(test_nonsense), cmocka_unit_test(test_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
