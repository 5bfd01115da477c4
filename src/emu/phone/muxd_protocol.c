/* SPDX-License-Identifier: Apache-2.0 */
/* What clients of usbmuxd ask, and what listeners are told. */
#include "emu/phone/muxd.h"
#include "emu/phone/plist.h"
#include <endian.h>
#include <string.h>

/* usbmuxd's results; 2 is also its errno of a pair record that isn't there. */
enum { OK = 0, BAD_COMMAND = 1, BAD_DEVICE = 2, NO_RECORD = 2, REFUSED = 3, NOT_SAVED = 22 };
enum { PLIST_VERSION = 1, PLIST_TYPE = 8, PRODUCT_ID = 0x12a8 };

struct header {
    uint32_t len, version, type, tag;
};

void muxd_say(struct muxd_client *client, json_t *message)
{
    LETHE_BUF_AUTO body = {0};
    int rc = message ? plist_encode(message, false, &body) : -LETHE_E_INTERNAL;
    json_decref(message);
    struct header header = {htole32((uint32_t)(sizeof(header) + body.len)), htole32(PLIST_VERSION),
                            htole32(PLIST_TYPE), client->tag};
    if (rc < 0 || lethe_buf_add(&client->out, &header, sizeof(header)) < 0 ||
        lethe_buf_add(&client->out, body.data, body.len) < 0)
        client->ended = true;
}

static void result(struct muxd_client *client, int number)
{
    muxd_say(client, json_pack("{s:s, s:i}", "MessageType", "Result", "Number", number));
}

static json_t *attached(const struct muxd_device *device)
{
    char udid[64];
    iphone_udid(&device->iphone.phone, udid);
    /* A serial number of no UTF-8 is no string. */
    return json_pack("{s:s, s:i, s:{s:i, s:s, s:i, s:i, s:i, s:s}}", "MessageType", "Attached",
                     "DeviceID", (int)device->id, "Properties", "ConnectionSpeed", 480000000,
                     "ConnectionType", "USB", "DeviceID", (int)device->id, "LocationID",
                     (int)device->id << 16, "ProductID", PRODUCT_ID, "SerialNumber", udid);
}

void muxd_tell(struct muxd_client *client, const struct muxd_device *device, const char *what)
{
    client->tag = 0;
    if (strcmp(what, "Attached") == 0)
        muxd_say(client, attached(device));
    else
        muxd_say(client, json_pack("{s:s, s:i}", "MessageType", what, "DeviceID", (int)device->id));
}

static void listen_to(struct muxd *muxd, struct muxd_client *client, const json_t *message)
{
    (void)message;
    result(client, OK);
    client->listening = true;
    for (size_t i = 0; i < muxd->n_devices; i++)
        if (muxd->devices[i].id)
            muxd_tell(client, &muxd->devices[i], "Attached");
}

static void list_devices(struct muxd *muxd, struct muxd_client *client, const json_t *message)
{
    (void)message;
    json_t *list = json_array();
    for (size_t i = 0; i < muxd->n_devices; i++)
        if (muxd->devices[i].id)
            json_array_append_new(list, attached(&muxd->devices[i]));
    muxd_say(client, json_pack("{s:o}", "DeviceList", list));
}

static void list_listeners(struct muxd *muxd, struct muxd_client *client, const json_t *message)
{
    (void)message;
    json_t *list = json_array();
    for (size_t i = 0; i < muxd->n_clients; i++)
        if (muxd->clients[i]->listening)
            json_array_append_new(list,
                                  json_pack("{s:b, s:s, s:i, s:s}", "Blacklisted", 0, "BundleID",
                                            "client", "ConnType", 0, "ProgName", "client"));
    muxd_say(client, json_pack("{s:o}", "ListenerList", list));
}

static void connect_to(struct muxd *muxd, struct muxd_client *client, const json_t *message)
{
    json_int_t id = json_integer_value(json_object_get(message, "DeviceID"));
    json_int_t number = json_integer_value(json_object_get(message, "PortNumber"));
    struct muxd_device *device = NULL;
    for (size_t i = 0; i < muxd->n_devices; i++)
        if (muxd->devices[i].id && muxd->devices[i].id == id)
            device = &muxd->devices[i];
    if (!device) {
        result(client, BAD_DEVICE);
        return;
    }
    /* The port is in network order in a number of the host's: 62078 is 32498. */
    uint16_t port = __builtin_bswap16((uint16_t)number);
    client->stream = iphone_stream_open(&device->iphone, port);
    client->device = client->stream ? device : NULL;
    result(client, client->stream ? OK : REFUSED);
}

static void read_buid(struct muxd *muxd, struct muxd_client *client, const json_t *message)
{
    char buid[37];
    (void)message;
    muxd_buid(muxd, buid);
    muxd_say(client, json_pack("{s:s}", "BUID", buid));
}

static const char *record_of(const json_t *message)
{
    const char *id = json_string_value(json_object_get(message, "PairRecordID"));
    return id ? id : "";
}

static void read_record(struct muxd *muxd, struct muxd_client *client, const json_t *message)
{
    json_t *data = muxd_record_read(muxd, record_of(message));
    if (data)
        muxd_say(client, json_pack("{s:o}", "PairRecordData", data));
    else
        result(client, NO_RECORD);
}

static void save_record(struct muxd *muxd, struct muxd_client *client, const json_t *message)
{
    bool saved =
        muxd_record_save(muxd, record_of(message), json_object_get(message, "PairRecordData"));
    json_int_t id = json_integer_value(json_object_get(message, "DeviceID"));
    result(client, saved ? OK : NOT_SAVED);
    for (size_t i = 0; saved && id && i < muxd->n_devices; i++) {
        if (muxd->devices[i].id != id)
            continue;
        for (size_t c = 0; c < muxd->n_clients; c++)
            if (muxd->clients[c]->listening)
                muxd_tell(muxd->clients[c], &muxd->devices[i], "Paired");
    }
}

static void delete_record(struct muxd *muxd, struct muxd_client *client, const json_t *message)
{
    result(client, muxd_record_delete(muxd, record_of(message)) ? OK : NO_RECORD);
}

static const struct {
    const char *name;
    void (*handle)(struct muxd *muxd, struct muxd_client *client, const json_t *message);
} messages[] = {
    {"Listen", listen_to},
    {"ListDevices", list_devices},
    {"ListListeners", list_listeners},
    {"Connect", connect_to},
    {"ReadBUID", read_buid},
    {"ReadPairRecord", read_record},
    {"SavePairRecord", save_record},
    {"DeletePairRecord", delete_record},
};

void muxd_message(struct muxd *muxd, struct muxd_client *client, const json_t *message)
{
    const char *type = json_string_value(json_object_get(message, "MessageType"));
    for (size_t i = 0; type && !client->listening && i < sizeof(messages) / sizeof(*messages);
         i++) {
        if (strcmp(messages[i].name, type) == 0) {
            messages[i].handle(muxd, client, message);
            return;
        }
    }
    result(client, BAD_COMMAND);
}
