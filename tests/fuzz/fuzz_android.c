/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole look at an Android phone that says anything: the first byte is its mode, then transfers
 * as (kind, length u16 LE, bytes). Kinds 1 to 7 get a header of ADB that fits the stream under way,
 * so that what is behind it is reached; 0 is as it is.
 */
#include <base/json.h>
#include <errno.h>
#include <lethe/facts.h>
#include <phone/adb.h>
#include <proto/bytes.h>
#include <string.h>

struct liar {
    struct lethe_io io;
    const uint8_t *data;
    size_t len;
    uint32_t local;
    const uint8_t *payload; /* behind a header that was just given */
    size_t payload_len;
};

static int hear(struct liar *liar, const struct lethe_command *command)
{
    const uint8_t *data = command->data;
    if (command->data_len == LETHE_ADB_HEADER && lethe_le32(data) == LETHE_ADB_OPEN)
        liar->local = lethe_le32(data + 4);
    return 0;
}

static size_t give(struct lethe_command *command, const void *data, size_t len)
{
    len = len < command->data_len ? len : command->data_len;
    memcpy(command->data, data, len);
    return command->transferred = len;
}

static int say(struct liar *liar, struct lethe_command *command)
{
    static const uint32_t commands[] = {0,
                                        LETHE_ADB_CNXN,
                                        LETHE_ADB_OKAY,
                                        LETHE_ADB_WRTE,
                                        LETHE_ADB_CLSE,
                                        LETHE_ADB_AUTH,
                                        LETHE_ADB_STLS,
                                        LETHE_ADB_OPEN};
    if (liar->payload_len > 0) {
        size_t n = give(command, liar->payload, liar->payload_len);
        liar->payload += n;
        liar->payload_len -= n;
        return 0;
    }
    if (liar->len < 3)
        return -ENODEV; /* it has said its last: nobody waits for more */
    uint8_t kind = liar->data[0] % 8;
    size_t n = lethe_le16(liar->data + 1);
    n = n < liar->len - 3 ? n : liar->len - 3;
    const uint8_t *body = liar->data + 3;
    liar->data += 3 + n;
    liar->len -= 3 + n;
    if (kind == 0) {
        give(command, body, n);
        return 0;
    }
    uint8_t header[LETHE_ADB_HEADER];
    bool hello = kind == 1;
    lethe_adb_header_build(header, commands[kind],
                           hello       ? 0x01000001
                           : kind == 5 ? 1
                                       : 7,
                           hello ? 65536 : liar->local, body, (uint32_t)n);
    give(command, header, sizeof(header));
    liar->payload = body;
    liar->payload_len = n;
    return 0;
}

static int liar_command(struct lethe_io *io, struct lethe_command *command)
{
    struct liar *liar = (struct liar *)io;
    return command->direction == LETHE_DATA_OUT ? hear(liar, command) : say(liar, command);
}

static const struct lethe_io_ops ops = {.name = "liar", .command = liar_command};

static void fill(void *user, uint64_t offset, void *out, size_t len)
{
    (void)user;
    (void)offset;
    memset(out, 0x5a, len);
}

static int take(void *user, uint64_t offset, const void *data, size_t len)
{
    (void)user;
    (void)offset;
    (void)data;
    return len > 1000 ? -LETHE_E_CANCELLED : 0;
}

/* What techniques do besides. */
static void work(struct liar *liar)
{
    struct lethe_adb *adb;
    struct lethe_adb_file file;
    LETHE_BUF_AUTO answer = {0};
    if (lethe_adb_connect(&liar->io, 0, &adb, NULL) < 0)
        return;
    (void)lethe_adb_stat(adb, "/sdcard/x", &file, 1000, NULL);
    (void)lethe_adb_send(adb, "/sdcard/x", 100000, fill, NULL, 1000, NULL);
    (void)lethe_adb_recv(adb, "/sdcard/x", 5000, take, NULL, 1000, NULL);
    (void)lethe_adb_ask(adb, "rescue-wipe:userdata:8", 15, &answer, 1000, NULL);
    (void)lethe_adb_leave(adb, "reboot:", 1000, NULL);
    lethe_adb_free(adb);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const modes[] = {"normal", "sideload", "rescue", "fastboot", "fastbootd"};
    if (size < 1)
        return 0;
    json_t *config = json_pack("{s:s}", "mode", modes[data[0] % 5]);
    struct liar liar = {.io = {.ops = &ops, .config = config}, .data = data + 1, .len = size - 1};
    if (data[0] & 0x80) {
        work(&liar);
    } else {
        struct lethe_identity identity = {.class_ = LETHE_CLASS_PHONE, .bus = LETHE_BUS_USB};
        struct lethe_facts facts, again;
        lethe_identity_add(&identity, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, "A1");
        if (lethe_facts_read(&liar.io, &identity, NULL, &facts, NULL) == 0) {
            /* Whatever it said, what is made of it can be told. */
            LETHE_JSON_AUTO *json = lethe_facts_to_json(&facts);
            if (!json || lethe_facts_from_json(json, &again, NULL) < 0)
                __builtin_trap();
        }
    }
    json_decref(config);
    return 0;
}
