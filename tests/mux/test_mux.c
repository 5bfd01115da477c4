/* SPDX-License-Identifier: Apache-2.0 */
/* What the proxy says to its clients: one device, one record, whatever is behind it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <base/json.h>
#include <cmocka.h>
#include <mux/mux.h>
#include <proto/plist.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OURS "00008030-001C2D3E4F50001E"
#define THEIRS "00008101-000A1B2C3D4E001E"

/* The real usbmuxd: what it lists, whose record it has; and what it was asked. */
struct real {
    json_t *list, *record;
    int asked, connected;
    bool dead;
    uint32_t device;
    uint16_t port;
};

static json_t *ask(void *user, const json_t *request)
{
    struct real *real = user;
    real->asked++;
    const char *type = json_string_value(json_object_get(request, "MessageType"));
    if (real->dead)
        return NULL;
    if (strcmp(type, "ListDevices") == 0)
        return real->list ? json_pack("{s:O}", "DeviceList", real->list) : NULL;
    if (strcmp(type, "ReadPairRecord") == 0 && real->record)
        return json_pack("{s:O}", "PairRecordData", real->record);
    if (strcmp(type, "DeletePairRecord") == 0 && real->record) {
        json_decref(real->record);
        real->record = NULL;
        return json_pack("{s:s, s:i}", "MessageType", "Result", "Number", 0);
    }
    return json_pack("{s:s, s:i}", "MessageType", "Result", "Number", 2);
}

static unsigned connect_to(void *user, uint32_t device, uint16_t port)
{
    struct real *real = user;
    real->connected++;
    real->device = device;
    real->port = port;
    return LETHE_MUX_OK;
}

static json_t *entry(int id, const char *udid, const char *way)
{
    return json_pack("{s:i, s:s, s:{s:s, s:s, s:i, s:i, s:s}}", "DeviceID", id, "MessageType",
                     "Attached", "Properties", "ConnectionType", way, "SerialNumber", udid,
                     "ProductID", 0x12a8, "LocationID", 77, "EscapedFullServiceName",
                     "a stranger's words");
}

struct bench {
    struct real real;
    struct lethe_mux mux;
};

static void begin(struct bench *bench)
{
    *bench = (struct bench){.mux = {.udid = OURS, .buid = "B", .record = {.fd = -1}}};
    bench->real.list = json_pack("[o, o, o]", entry(4, THEIRS, "USB"), entry(5, OURS, "USB"),
                                 entry(6, OURS, "Network"));
    bench->mux.upstream = (struct lethe_mux_upstream){ask, connect_to, &bench->real};
}

static void end(struct bench *bench)
{
    lethe_mux_record_clear(&bench->mux.record);
    json_decref(bench->real.list);
    json_decref(bench->real.record);
}

/* One request; its reply, with the tag checked. */
static json_t *say(struct bench *bench, json_t *request, enum lethe_mux_next expected)
{
    LETHE_BUF_AUTO text = {0};
    LETHE_BUF_AUTO out = {0};
    uint32_t tag, len;
    assert_int_equal(lethe_plist_xml_format(request, &text, NULL), 0);
    json_decref(request);
    assert_int_equal(lethe_mux_handle(&bench->mux, 0xabcdef01, text.data, text.len, &out),
                     expected);
    if (expected == LETHE_MUX_NEXT_DROP) {
        assert_int_equal(out.len, 0);
        return NULL;
    }
    assert_int_equal(lethe_mux_client_parse((const uint8_t *)out.data, &tag, &len, NULL), 0);
    assert_int_equal(tag, 0xabcdef01);
    assert_int_equal(out.len, LETHE_MUX_CLIENT_HEADER + len);
    json_t *reply = lethe_plist_parse(out.data + LETHE_MUX_CLIENT_HEADER, len, NULL);
    assert_non_null(reply);
    return reply;
}

static void result_is(struct bench *bench, json_t *request, enum lethe_mux_next next, int number)
{
    json_t *reply = say(bench, request, next);
    assert_int_equal(json_integer_value(json_object_get(reply, "Number")), number);
    assert_string_equal(json_string_value(json_object_get(reply, "MessageType")), "Result");
    json_decref(reply);
}

static void it_shows_one_device(void **state)
{
    struct bench bench;
    (void)state;
    begin(&bench);
    json_t *reply =
        say(&bench, json_pack("{s:s}", "MessageType", "ListDevices"), LETHE_MUX_NEXT_REPLY);
    const json_t *list = json_object_get(reply, "DeviceList");
    assert_int_equal(json_array_size(list), 1);
    char *text = json_dumps(reply, 0);
    assert_null(strstr(text, THEIRS));
    assert_null(strstr(text, "stranger"));
    assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "DeviceID")), 5);
    free(text);
    json_decref(reply);
    /* Two that say they are it: neither is. */
    json_array_append_new(bench.real.list, entry(9, OURS, "USB"));
    reply = say(&bench, json_pack("{s:s}", "MessageType", "ListDevices"), LETHE_MUX_NEXT_REPLY);
    assert_int_equal(json_array_size(json_object_get(reply, "DeviceList")), 0);
    json_decref(reply);
    end(&bench);
}

static json_t *connect_request(int device, int port)
{
    return json_pack("{s:s, s:i, s:i}", "MessageType", "Connect", "DeviceID", device, "PortNumber",
                     port);
}

/* No device because there is none, or because nobody could be asked: whose fault that is, the
 * worker has to know. */
static void tells_that_nobody_is_behind_it(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench);
    for (int dead = 0; dead < 2; dead++) {
        json_t *reply =
            say(&bench, json_pack("{s:s}", "MessageType", "ListDevices"), LETHE_MUX_NEXT_REPLY);
        assert_int_equal(json_is_true(json_object_get(reply, LETHE_MUX_UNREACHED)), dead);
        assert_int_equal(json_array_size(json_object_get(reply, "DeviceList")), dead ? 0 : 1);
        json_decref(reply);
        json_decref(bench.real.list);
        bench.real.list = NULL;
    }
    end(&bench);
}

static void it_connects_to_that_device_only(void **state)
{
    struct bench bench;
    (void)state;
    begin(&bench);
    result_is(&bench, connect_request(4, 32498), LETHE_MUX_NEXT_REPLY, LETHE_MUX_BAD_DEVICE);
    result_is(&bench, connect_request(6, 32498), LETHE_MUX_NEXT_REPLY, LETHE_MUX_BAD_DEVICE);
    result_is(&bench, connect_request(-5, 32498), LETHE_MUX_NEXT_REPLY, LETHE_MUX_BAD_DEVICE);
    result_is(&bench, connect_request(5, 0), LETHE_MUX_NEXT_REPLY, LETHE_MUX_REFUSED);
    result_is(&bench, connect_request(5, 70000), LETHE_MUX_NEXT_REPLY, LETHE_MUX_REFUSED);
    assert_int_equal(bench.real.connected, 0);
    result_is(&bench, connect_request(5, 32498), LETHE_MUX_NEXT_RELAY, LETHE_MUX_OK);
    assert_int_equal(bench.real.connected, 1);
    assert_int_equal(bench.real.device, 5);
    assert_int_equal(bench.real.port, LETHE_LOCKDOWN_PORT);
    /* Nobody behind it, or nobody sensible. */
    json_decref(bench.real.list);
    bench.real.list = NULL;
    result_is(&bench, connect_request(5, 32498), LETHE_MUX_NEXT_REPLY, LETHE_MUX_BAD_DEVICE);
    bench.real.list = json_pack("[s, i, {}, [], {s:s}]", "x", 1, "DeviceID", "5");
    result_is(&bench, connect_request(5, 32498), LETHE_MUX_NEXT_REPLY, LETHE_MUX_BAD_DEVICE);
    end(&bench);
}

static json_t *record_request(const char *word, const char *udid, const char *data)
{
    json_t *request = json_pack("{s:s, s:s}", "MessageType", word, "PairRecordID", udid);
    if (data)
        json_object_set_new(request, "PairRecordData", lethe_plist_data(data, strlen(data)));
    return request;
}

static void read_is(struct bench *bench, const char *expected)
{
    json_t *reply = say(bench, record_request("ReadPairRecord", OURS, NULL), LETHE_MUX_NEXT_REPLY);
    size_t len = 0;
    char *data = lethe_plist_data_get(json_object_get(reply, "PairRecordData"), &len);
    if (expected) {
        assert_int_equal(len, strlen(expected));
        assert_memory_equal(data, expected, len);
    } else {
        assert_null(data);
        assert_int_equal(json_integer_value(json_object_get(reply, "Number")),
                         LETHE_MUX_BAD_DEVICE);
    }
    free(data);
    json_decref(reply);
}

static void it_keeps_one_record(void **state)
{
    struct bench bench;
    (void)state;
    begin(&bench);
    read_is(&bench, NULL);
    result_is(&bench, record_request("SavePairRecord", THEIRS, "x"), LETHE_MUX_NEXT_REPLY,
              LETHE_MUX_BAD_DEVICE);
    result_is(&bench, record_request("SavePairRecord", "../../etc/passwd", "x"),
              LETHE_MUX_NEXT_REPLY, LETHE_MUX_BAD_DEVICE);
    result_is(&bench, record_request("SavePairRecord", OURS, NULL), LETHE_MUX_NEXT_REPLY,
              LETHE_MUX_BAD_COMMAND);
    result_is(&bench, record_request("SavePairRecord", OURS, "ours"), LETHE_MUX_NEXT_REPLY, 0);
    read_is(&bench, "ours");
    result_is(&bench, record_request("ReadPairRecord", THEIRS, NULL), LETHE_MUX_NEXT_REPLY,
              LETHE_MUX_BAD_DEVICE);
    /* Without the dash too. */
    result_is(&bench, record_request("DeletePairRecord", "00008030001C2D3E4F50001E", NULL),
              LETHE_MUX_NEXT_REPLY, 0);
    read_is(&bench, NULL);
    assert_int_equal(bench.real.asked, 0); /* not told to: nobody else's is looked at */
    end(&bench);
}

static void what_is_borrowed_becomes_ours(void **state)
{
    struct bench bench;
    (void)state;
    begin(&bench);
    bench.mux.record.borrow = true;
    bench.real.record = lethe_plist_data("theirs", 6);
    read_is(&bench, "theirs");
    json_decref(bench.real.record);
    bench.real.record = lethe_plist_data("new", 3); /* usbmuxd paired again by itself */
    read_is(&bench, "theirs");
    /* Ours is out; what it paired with by itself is the next, and is taken out where it is. */
    result_is(&bench, record_request("DeletePairRecord", OURS, NULL), LETHE_MUX_NEXT_REPLY, 0);
    bench.real.dead = true;
    result_is(&bench, record_request("ReadPairRecord", OURS, NULL), LETHE_MUX_NEXT_REPLY,
              LETHE_MUX_REFUSED);
    result_is(&bench, record_request("DeletePairRecord", OURS, NULL), LETHE_MUX_NEXT_REPLY,
              LETHE_MUX_REFUSED);
    bench.real.dead = false;
    read_is(&bench, "new");
    result_is(&bench, record_request("DeletePairRecord", OURS, NULL), LETHE_MUX_NEXT_REPLY, 0);
    assert_null(bench.real.record);
    read_is(&bench, NULL);
    end(&bench);
}

static size_t size_on_disk(int fd)
{
    return (size_t)lseek(fd, 0, SEEK_END);
}

/* Who only looks keeps no keys of somebody else's on disk; the workers of a job do. */
static void a_look_leaves_nothing_on_disk(void **state)
{
    (void)state;
    for (int looks = 0; looks < 2; looks++) {
        struct bench bench;
        char path[] = "/tmp/lethe-record-XXXXXX";
        begin(&bench);
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        bench.mux.record = (struct lethe_mux_record){.fd = fd, .borrow = true, .pairing = looks};
        bench.real.record = lethe_plist_data("theirs", 6);
        read_is(&bench, "theirs");
        assert_int_equal(size_on_disk(fd), looks ? 0 : 6);
        close(fd);
        unlink(path);
        end(&bench);
    }
}

static void the_old_record_stays_for_who_judges(void **state)
{
    struct bench bench;
    char path[] = "/tmp/lethe-record-XXXXXX";
    (void)state;
    begin(&bench);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    bench.mux.record.fd = fd;
    bench.mux.record.pairing = true;
    result_is(&bench, record_request("SavePairRecord", OURS, "the old one"), LETHE_MUX_NEXT_REPLY,
              0);
    assert_int_equal(size_on_disk(fd), 11);
    bench.mux.record.pairing = false;
    result_is(&bench, record_request("SavePairRecord", OURS, "new"), LETHE_MUX_NEXT_REPLY, 0);
    read_is(&bench, "new");
    lethe_mux_record_clear(&bench.mux.record);
    assert_int_equal(lethe_mux_record_load(&bench.mux.record, NULL), 0);
    read_is(&bench, "the old one");
    result_is(&bench, record_request("DeletePairRecord", OURS, NULL), LETHE_MUX_NEXT_REPLY, 0);
    assert_int_equal(size_on_disk(fd), 11);
    bench.mux.record.pairing = true;
    result_is(&bench, record_request("DeletePairRecord", OURS, NULL), LETHE_MUX_NEXT_REPLY, 0);
    assert_int_equal(size_on_disk(fd), 0);
    close(fd);
    unlink(path);
    end(&bench);
}

static void everything_else_is_refused(void **state)
{
    struct bench bench;
    LETHE_BUF_AUTO out = {0};
    static const char *const words[] = {"ListListeners", "ReadDeviceRecord", "AddInstance", ""};
    (void)state;
    begin(&bench);
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        result_is(&bench, json_pack("{s:s}", "MessageType", words[i]), LETHE_MUX_NEXT_REPLY,
                  LETHE_MUX_BAD_COMMAND);
    say(&bench, json_pack("{s:i}", "MessageType", 3), LETHE_MUX_NEXT_DROP);
    say(&bench, json_pack("[s]", "MessageType"), LETHE_MUX_NEXT_DROP);
    assert_int_equal(lethe_mux_handle(&bench.mux, 1, "no plist", 8, &out), LETHE_MUX_NEXT_DROP);
    assert_int_equal(lethe_mux_handle(&bench.mux, 1, "", 0, &out), LETHE_MUX_NEXT_DROP);
    assert_int_equal(out.len, 0);
    end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_shows_one_device),
        cmocka_unit_test(it_connects_to_that_device_only),
        cmocka_unit_test(it_keeps_one_record),
        cmocka_unit_test(what_is_borrowed_becomes_ours),
        cmocka_unit_test(a_look_leaves_nothing_on_disk),
        cmocka_unit_test(the_old_record_stays_for_who_judges),
        cmocka_unit_test(tells_that_nobody_is_behind_it),
        cmocka_unit_test(everything_else_is_refused),
    };
    return cmocka_run_group_tests_name("mux", tests, NULL, NULL);
}
