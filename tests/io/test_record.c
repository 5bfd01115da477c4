/* SPDX-License-Identifier: Apache-2.0 */
/* What is written down of an exchange, what of it is not told, and that it plays back. */
#include "io/record.h"

#include "base/json.h"
#include "base/text.h"
#include "io/apple.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the headers above */
#include <cmocka.h>

#define SERIAL "F2LXK1QWN72J"
#define UDID "00008030-001C2D3E4F50001E"
#define IMEI "356938035643809"

/* A device of each kind at once: commands, and the services of an iPhone. */
struct device {
    struct lethe_io io;
    unsigned commands;
    bool silent;
};

static int device_info(struct lethe_io *io, struct lethe_io_info *out)
{
    (void)io;
    *out = (struct lethe_io_info){.capacity = 4096, .logical_block = 512, .alignment = 512};
    return 0;
}

static ssize_t device_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    (void)io, (void)offset;
    memset(buf, 'X', len); /* the customer's */
    return (ssize_t)len;
}

static ssize_t device_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    (void)io, (void)buf, (void)offset;
    return (ssize_t)len;
}

static int device_sync(struct lethe_io *io)
{
    (void)io;
    return 0;
}

/* IDENTIFY as ATA has it: texts in swapped words, a checksum. */
static void identify(uint8_t out[512])
{
    const char text[] = "        " SERIAL;
    uint8_t sum = 0;
    memset(out, 0, 512);
    for (size_t i = 0; i < 20; i += 2) {
        out[20 + i] = (uint8_t)text[i + 1];
        out[21 + i] = (uint8_t)text[i];
    }
    out[510] = 0xa5;
    for (size_t i = 0; i < 511; i++)
        sum = (uint8_t)(sum + out[i]);
    out[511] = (uint8_t)-sum;
}

static int device_command(struct lethe_io *io, struct lethe_command *c)
{
    struct device *d = (struct device *)io;
    d->commands++;
    if (d->silent)
        return -ETIMEDOUT;
    c->transferred = c->data_len;
    if (c->direction != LETHE_DATA_IN)
        return 0;
    if (c->set == LETHE_SET_SCSI) {
        identify(c->data);
        c->sense[0] = 0x72;
        c->n_sense = 8;
        return 0;
    }
    c->transferred =
        (size_t)snprintf(c->data, c->data_len, "serial %s says %u", SERIAL, d->commands);
    return 0;
}

static void device_close(struct lethe_io *io)
{
    free(io);
}

struct lethe_apple_service {
    int unused;
};

static const char *apple_udid(struct lethe_io *io)
{
    (void)io;
    return UDID;
}

static void answer(struct lethe_apple_answer *out, json_t *reply)
{
    *out = (struct lethe_apple_answer){.end = LETHE_APPLE_REPLY, .reply = reply};
}

static void apple_value(struct lethe_io *io, const char *domain, const char *key,
                        unsigned timeout_ms, struct lethe_apple_answer *out)
{
    (void)io, (void)timeout_ms;
    if (domain) {
        *out = (struct lethe_apple_answer){.end = LETHE_APPLE_REPLY, .error = "GetProhibited"};
        return;
    }
    answer(out, key ? json_string(strcmp(key, "ProductType") == 0 ? "iPhone12,1" : SERIAL)
                    : json_pack("{s:s, s:s, s:s, s:I, s:b, s:{s:s}}", "DeviceName",
                                "Somebody's iPhone", "ProductVersion", "16.7.2", "IMEI", IMEI,
                                "UniqueChipID", (json_int_t)8037654321098765, "SetupDone", 1,
                                "DevicePublicKey", "$data", "QUJDREVGR0g="));
}

static void apple_session_open(struct lethe_io *io, unsigned timeout_ms,
                               struct lethe_apple_answer *out)
{
    (void)io, (void)timeout_ms;
    answer(out, json_object());
}

static void apple_session_close(struct lethe_io *io)
{
    (void)io;
}

static struct lethe_apple_service *apple_service_open(struct lethe_io *io, const char *name,
                                                      unsigned timeout_ms,
                                                      struct lethe_apple_answer *out)
{
    (void)io, (void)name, (void)timeout_ms;
    answer(out, json_object());
    return calloc(1, sizeof(struct lethe_apple_service));
}

static void apple_exchange(struct lethe_apple_service *service, const json_t *request,
                           unsigned timeout_ms, struct lethe_apple_answer *out)
{
    (void)service, (void)request, (void)timeout_ms;
    answer(out,
           json_pack("{s:s, s:s}", "Status", "Acknowledged", "OrganizationName", "Some School"));
}

static void apple_service_close(struct lethe_apple_service *service)
{
    free(service);
}

static const struct lethe_apple_ops apple = {.udid = apple_udid,
                                             .value = apple_value,
                                             .session_open = apple_session_open,
                                             .session_close = apple_session_close,
                                             .service_open = apple_service_open,
                                             .exchange = apple_exchange,
                                             .service_close = apple_service_close};
static const struct lethe_io_ops device_ops = {.name = "device",
                                               .info = device_info,
                                               .pread = device_pread,
                                               .pwrite = device_pwrite,
                                               .sync = device_sync,
                                               .command = device_command,
                                               .apple = &apple,
                                               .close = device_close};

static struct lethe_io *recorded(json_t *exchange, struct device **device)
{
    struct lethe_io *io = NULL;
    struct device *d = calloc(1, sizeof(*d));
    assert_non_null(d);
    d->io.ops = &device_ops;
    assert_int_equal(lethe_record_open(&d->io, exchange, &io, NULL), 0);
    if (device)
        *device = d;
    return io;
}

static int ask(struct lethe_io *io, enum lethe_command_set set, uint8_t opcode, void *data,
               size_t len, struct lethe_command *out)
{
    *out = (struct lethe_command){.set = set,
                                  .bytes = {opcode},
                                  .n_bytes = set == LETHE_SET_USB ? 0 : 16,
                                  .direction = LETHE_DATA_IN,
                                  .data = data,
                                  .data_len = len};
    return lethe_io_command(io, out);
}

static int send_(struct lethe_io *io, const char *text, size_t len)
{
    struct lethe_command c = {.set = LETHE_SET_USB,
                              .direction = LETHE_DATA_OUT,
                              .data = (void *)(uintptr_t)text,
                              .data_len = len};
    return lethe_io_command(io, &c);
}

static struct lethe_io *played(const json_t *exchange)
{
    struct lethe_io *io = NULL;
    assert_int_equal(lethe_replay_open(exchange, &io, NULL), 0);
    return io;
}

static void redact(json_t *exchange)
{
    struct lethe_redaction r;
    lethe_redaction_begin(&r);
    lethe_redaction_know(&r, SERIAL);
    lethe_redaction_know(&r, UDID);
    lethe_redaction_know(&r, IMEI);
    lethe_redaction_know(&r, "8037654321098765");
    lethe_redaction_know(&r, "0x5000c500a1b2c3d4");
    assert_int_equal(lethe_redact_exchange(&r, exchange), 0);
}

static bool holds(const json_t *json, const char *text)
{
    char *all = json_dumps(json, JSON_COMPACT);
    bool found = all && strstr(all, text);
    free(all);
    return found;
}

static void commands_play_back(void **state)
{
    (void)state;
    LETHE_JSON_AUTO *exchange = json_array();
    uint8_t first[512], second[512];
    struct lethe_command c;
    struct lethe_io *io = recorded(exchange, NULL);
    assert_int_equal(ask(io, LETHE_SET_SCSI, 0x85, first, sizeof(first), &c), 0);
    lethe_io_close(io);
    io = played(exchange);
    assert_int_equal(ask(io, LETHE_SET_SCSI, 0x85, second, sizeof(second), &c), 0);
    assert_memory_equal(first, second, sizeof(first));
    assert_int_equal(c.n_sense, 1); /* zeros behind go without saying */
    assert_int_equal(c.sense[0], 0x72);
    /* Asked again it says so again; what was never asked it does not know. */
    assert_int_equal(ask(io, LETHE_SET_SCSI, 0x85, second, sizeof(second), &c), 0);
    assert_int_equal(lethe_replay_strangers(io), 0);
    assert_int_equal(ask(io, LETHE_SET_SCSI, 0x12, second, sizeof(second), &c), -EIO);
    assert_int_equal(lethe_replay_strangers(io), 1);
    lethe_io_close(io);
}

static void a_pipe_plays_back_in_order(void **state)
{
    (void)state;
    LETHE_JSON_AUTO *exchange = json_array();
    char text[64];
    struct lethe_command c;
    struct device *device;
    struct lethe_io *io = recorded(exchange, &device);
    assert_int_equal(send_(io, "question", 8), 0);
    assert_int_equal(ask(io, LETHE_SET_USB, 0, text, sizeof(text), &c), 0);
    assert_int_equal(ask(io, LETHE_SET_USB, 0, text, sizeof(text), &c), 0);
    device->silent = true;
    assert_int_equal(ask(io, LETHE_SET_USB, 0, text, sizeof(text), &c), -ETIMEDOUT);
    lethe_io_close(io);
    io = played(exchange);
    assert_int_equal(send_(io, "another", 7), 0);
    assert_int_equal(ask(io, LETHE_SET_USB, 0, text, sizeof(text), &c), 0);
    text[c.transferred] = '\0';
    assert_string_equal(text, "serial " SERIAL " says 2");
    assert_int_equal(ask(io, LETHE_SET_USB, 0, text, sizeof(text), &c), 0);
    assert_string_equal(text, "serial " SERIAL " says 3");
    assert_int_equal(ask(io, LETHE_SET_USB, 0, text, sizeof(text), &c), -ETIMEDOUT);
    assert_int_equal(ask(io, LETHE_SET_USB, 0, text, sizeof(text), &c), -ENODEV);
    lethe_io_close(io);
}

static void an_iphone_plays_back(void **state)
{
    (void)state;
    LETHE_JSON_AUTO *exchange = json_array();
    for (int play = 0; play < 2; play++) {
        struct lethe_io *io = play ? played(exchange) : recorded(exchange, NULL);
        const struct lethe_apple_ops *ops = io->ops->apple;
        struct lethe_apple_answer a = {0};
        assert_string_equal(ops->udid(io), UDID);
        ops->value(io, NULL, "ProductType", 100, &a);
        assert_true(lethe_apple_ok(&a));
        assert_string_equal(json_string_value(a.reply), "iPhone12,1");
        lethe_apple_answer_clear(&a);
        ops->value(io, "com.apple.fmip", "IsAssociated", 100, &a);
        assert_string_equal(a.error, "GetProhibited");
        assert_false(lethe_apple_ok(&a));
        lethe_apple_answer_clear(&a);
        ops->session_open(io, 100, &a);
        assert_true(lethe_apple_ok(&a));
        lethe_apple_answer_clear(&a);
        struct lethe_apple_service *service =
            ops->service_open(io, "com.apple.mobile.MCInstall", 100, &a);
        assert_non_null(service);
        lethe_apple_answer_clear(&a);
        LETHE_JSON_AUTO *request = json_pack("{s:s}", "RequestType", "Flush");
        ops->exchange(service, request, 100, &a);
        assert_string_equal(json_string_value(json_object_get(a.reply, "Status")), "Acknowledged");
        lethe_apple_answer_clear(&a);
        ops->service_close(service);
        ops->session_close(io);
        if (play) { /* what was not recorded is not there */
            ops->value(io, NULL, "NeverAsked", 100, &a);
            assert_int_equal(a.end, LETHE_APPLE_ABSENT);
            lethe_apple_answer_clear(&a);
        }
        lethe_io_close(io);
    }
}

static void nobody_is_named(void **state)
{
    (void)state;
    LETHE_JSON_AUTO *exchange = json_array();
    struct lethe_command c;
    uint8_t data[512];
    char text[64];
    struct lethe_apple_answer a = {0};
    struct lethe_io *io = recorded(exchange, NULL);
    (void)ask(io, LETHE_SET_SCSI, 0x85, data, sizeof(data), &c);
    (void)ask(io, LETHE_SET_USB, 0, text, sizeof(text), &c);
    (void)io->ops->apple->udid(io);
    io->ops->apple->value(io, NULL, NULL, 100, &a);
    lethe_apple_answer_clear(&a);
    io->ops->apple->value(io, NULL, "SerialNumber", 100, &a);
    lethe_apple_answer_clear(&a);
    lethe_io_close(io);
    redact(exchange);
    static const char *const personal[] = {
        SERIAL, UDID, IMEI, "8037654321098765", "Somebody", "QUJDREVG", "463245585131"};
    for (size_t i = 0; i < sizeof(personal) / sizeof(personal[0]); i++)
        assert_false(holds(exchange, personal[i]));
    assert_true(holds(exchange, "16.7.2")); /* what it is can still be told */
    /* ATA's byte order, and its checksum is right again. */
    io = played(exchange);
    uint8_t sum = 0;
    assert_int_equal(ask(io, LETHE_SET_SCSI, 0x85, data, sizeof(data), &c), 0);
    for (size_t i = 0; i < sizeof(data); i++)
        sum = (uint8_t)(sum + data[i]);
    assert_int_equal(sum, 0);
    char serial[13] = "";
    for (size_t i = 0; i < 12; i += 2) {
        serial[i] = (char)data[28 + i + 1];
        serial[i + 1] = (char)data[28 + i];
    }
    assert_string_not_equal(serial, SERIAL);
    /* The same everywhere. */
    assert_int_equal(ask(io, LETHE_SET_USB, 0, text, sizeof(text), &c), 0);
    text[c.transferred] = '\0';
    assert_non_null(strstr(text, serial));
    lethe_io_close(io);
}

static void redacted(const struct lethe_redaction *r, const char *from, char out[128])
{
    snprintf(out, 128, "%s", from);
    lethe_redact_bytes(r, (uint8_t *)out, strlen(out));
    assert_int_equal(strlen(out), strlen(from));
}

static void what_looks_personal_is_replaced(void **state)
{
    (void)state;
    struct lethe_redaction r;
    char out[128], again[128];
    lethe_redaction_begin(&r);
    redacted(&r, "Account {name=jane.doe@example.org, type=com.google}", out);
    assert_null(strstr(out, "jane"));
    assert_non_null(strstr(out, ", type=com.google}"));
    redacted(&r, "Account {name=Jane, type=com.chat}", out);
    assert_null(strstr(out, "Jane"));
    redacted(&r, "  UserInfo{0:Jane Doe:c13} running", out);
    assert_null(strstr(out, "Doe"));
    assert_non_null(strstr(out, "UserInfo{0:"));
    assert_non_null(strstr(out, ":c13} running"));
    redacted(&r, "wlan 02:1a:11:f0:9a:3c up", out);
    assert_null(strstr(out, "02:1a:11"));
    redacted(&r, "imei=" IMEI ";", out);
    assert_null(strstr(out, IMEI));
    /* It still is one. */
    unsigned sum = 0;
    for (size_t i = 0; i < 15; i++) {
        unsigned d = (unsigned)(out[5 + 14 - i] - '0') * (i % 2 ? 2u : 1u);
        sum += d > 9 ? d - 9 : d;
    }
    assert_int_equal(sum % 10, 0);
    redacted(&r, "imei=" IMEI ";", again);
    assert_string_equal(out, again);
    /* Another recording, another name. */
    lethe_redaction_begin(&r);
    redacted(&r, "imei=" IMEI ";", again);
    assert_string_not_equal(out, again);
    /* Models, versions and sizes are told. */
    static const char *const harmless[] = {"Pixel 7", "google/panther/panther:14/AP1A.240305.019",
                                           "127865454592 bytes", "API 34"};
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
        redacted(&r, harmless[i], out);
        assert_string_equal(out, harmless[i]);
    }
}

static void it_only_looks(void **state)
{
    (void)state;
    LETHE_JSON_AUTO *exchange = json_array();
    char block[512] = "";
    struct lethe_io *io = recorded(exchange, NULL);
    assert_int_equal(lethe_io_pwrite(io, block, sizeof(block), 0), -EOPNOTSUPP);
    assert_int_equal(lethe_io_pread(io, block, sizeof(block), 0), sizeof(block));
    assert_false(holds(exchange, "5858")); /* not what was read */
    lethe_io_close(io);
    io = played(exchange);
    assert_int_equal(lethe_io_pread(io, block, sizeof(block), 0), sizeof(block));
    assert_int_equal(block[0], 0);
    lethe_io_close(io);
}

/* Signatures and keys are between the device and this bench. */
static void secrets_are_not_written_down(void **state)
{
    (void)state;
    LETHE_JSON_AUTO *exchange = json_array();
    char header[24] = "AUTH";
    struct lethe_io *io = recorded(exchange, NULL);
    assert_int_equal(send_(io, header, sizeof(header)), 0);
    assert_int_equal(send_(io, "the public key of user@bench", 28), 0);
    assert_int_equal(send_(io, "host::", 6), 0);
    lethe_io_close(io);
    assert_null(json_object_get(json_array_get(exchange, 1), "out"));
    assert_non_null(json_object_get(json_array_get(exchange, 2), "out"));
}

static void it_is_bounded(void **state)
{
    (void)state;
    LETHE_JSON_AUTO *exchange = json_array();
    struct lethe_command c;
    static char data[64 << 10];
    struct lethe_io *io = recorded(exchange, NULL);
    for (unsigned i = 0; i < LETHE_RECORDING_ENTRIES_MAX + 10; i++)
        (void)ask(io, LETHE_SET_USB, 0, data, sizeof(data), &c);
    lethe_io_close(io);
    json_t *last = json_array_get(exchange, json_array_size(exchange) - 1);
    assert_string_equal(json_string_value(json_object_get(last, "op")), "lost");
    assert_int_equal(json_integer_value(json_object_get(last, "n")), 10);
}

static void not_a_recording(void **state)
{
    (void)state;
    LETHE_JSON_AUTO *object = json_object();
    LETHE_JSON_AUTO *odd =
        json_loads("[1, \"x\", {}, {\"op\": 3}, null, {\"op\":\"command\",\"set\":\"scsi\","
                   "\"direction\":\"in\",\"bytes\":\"12\",\"length\":4,\"transferred\":99,"
                   "\"in\":\"zz\"}]",
                   0, NULL);
    struct lethe_io *io = NULL;
    struct lethe_command c;
    char data[4];
    assert_int_equal(lethe_replay_open(object, &io, NULL), -LETHE_E_INVALID);
    assert_non_null(odd);
    io = played(odd);
    assert_int_equal(ask(io, LETHE_SET_SCSI, 0x12, data, sizeof(data), &c), -EIO);
    lethe_io_close(io);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_play_back),   cmocka_unit_test(a_pipe_plays_back_in_order),
        cmocka_unit_test(an_iphone_plays_back), cmocka_unit_test(nobody_is_named),
        cmocka_unit_test(it_only_looks),        cmocka_unit_test(what_looks_personal_is_replaced),
        cmocka_unit_test(it_is_bounded),        cmocka_unit_test(secrets_are_not_written_down),
        cmocka_unit_test(not_a_recording),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
