/* SPDX-License-Identifier: Apache-2.0 */
#include "mux/mux.h"

#include <base/text.h>
#include <proto/plist.h>
#include <stdlib.h>
#include <string.h>

int lethe_mux_frame(uint32_t tag, const json_t *json, struct lethe_buf *out)
{
    LETHE_BUF_AUTO text = {0};
    uint8_t header[LETHE_MUX_CLIENT_HEADER];
    int rc = json ? lethe_plist_xml_format(json, &text, NULL) : -LETHE_E_INTERNAL;
    if (rc < 0 || text.len > LETHE_MUX_CLIENT_MAX - sizeof(header))
        return -LETHE_E_INTERNAL;
    lethe_mux_client_build(header, tag, (uint32_t)text.len);
    rc = lethe_buf_add(out, header, sizeof(header));
    return rc < 0 ? rc : lethe_buf_add(out, text.data, text.len);
}

/* usbmuxd writes a dash into long UDIDs, and some clients ask without it. */
static bool names(const char *udid, const json_t *text)
{
    const char *value = json_string_value(text);
    char have[64], want[64];
    size_t n = 0;
    if (!value || strlen(value) >= sizeof(have))
        return false;
    for (const char *c = value; *c; c++)
        if (*c != '-')
            have[n++] = *c;
    have[n] = '\0';
    n = 0;
    for (const char *c = udid; *c; c++)
        if (*c != '-')
            want[n++] = *c;
    want[n] = '\0';
    return strcmp(have, want) == 0;
}

static uint32_t number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    json_int_t n = json_is_integer(value) ? json_integer_value(value) : 0;
    return n > 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

bool lethe_mux_is_ours(const struct lethe_mux *mux, const json_t *message,
                       struct lethe_mux_seen *out)
{
    const json_t *properties = json_object_get(message, "Properties");
    const char *type = json_string_value(json_object_get(properties, "ConnectionType"));
    uint32_t id = number(message, "DeviceID");
    if (!id || !type || strcmp(type, "USB") != 0 ||
        !names(mux->udid, json_object_get(properties, "SerialNumber")))
        return false;
    *out = (struct lethe_mux_seen){.present = true,
                                   .id = id,
                                   .product = number(properties, "ProductID"),
                                   .location = number(properties, "LocationID")};
    return true;
}

void lethe_mux_look(const struct lethe_mux *mux, struct lethe_mux_seen *out)
{
    *out = (struct lethe_mux_seen){0};
    json_t *request =
        json_pack("{s:s, s:s, s:s, s:i}", "MessageType", "ListDevices", "ProgName", "lethe-mux",
                  "ClientVersionString", "lethe-mux", "kLibUSBMuxVersion", 3);
    json_t *answer = request ? mux->upstream.ask(mux->upstream.user, request) : NULL;
    const json_t *list = json_object_get(answer, "DeviceList");
    bool unreached = !answer;
    size_t found = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct lethe_mux_seen seen;
        if (lethe_mux_is_ours(mux, json_array_get(list, i), &seen) && found++ == 0)
            *out = seen;
    }
    /* Two that say they are the same one: neither. */
    if (found > 1)
        *out = (struct lethe_mux_seen){0};
    out->unreached = unreached;
    json_decref(answer);
    json_decref(request);
}

json_t *lethe_mux_attached(const struct lethe_mux *mux, const struct lethe_mux_seen *seen)
{
    return json_pack("{s:s, s:I, s:{s:s, s:I, s:I, s:I, s:s}}", "MessageType", "Attached",
                     "DeviceID", (json_int_t)seen->id, "Properties", "ConnectionType", "USB",
                     "DeviceID", (json_int_t)seen->id, "LocationID", (json_int_t)seen->location,
                     "ProductID", (json_int_t)seen->product, "SerialNumber", mux->udid);
}

json_t *lethe_mux_detached(uint32_t id)
{
    return json_pack("{s:s, s:I}", "MessageType", "Detached", "DeviceID", (json_int_t)id);
}

static json_t *result(unsigned number_)
{
    return json_pack("{s:s, s:i}", "MessageType", "Result", "Number", (int)number_);
}

static json_t *list(const struct lethe_mux *mux)
{
    struct lethe_mux_seen seen;
    lethe_mux_look(mux, &seen);
    json_t *devices = json_array();
    if (seen.present)
        json_array_append_new(devices, lethe_mux_attached(mux, &seen));
    json_t *reply = json_pack("{s:o}", "DeviceList", devices);
    if (reply &&
        seen.unreached) /* no word of usbmuxd's protocol: clients pass over it, ours does not */
        json_object_set_new(reply, LETHE_MUX_UNREACHED, json_true());
    return reply;
}

/* By the number that the real one gives the device now: numbers are not used twice, but they are
 * the client's word. */
static unsigned connect_to(struct lethe_mux *mux, const json_t *request)
{
    struct lethe_mux_seen seen;
    uint32_t port = number(request, "PortNumber");
    lethe_mux_look(mux, &seen);
    if (!seen.present || number(request, "DeviceID") != seen.id)
        return LETHE_MUX_BAD_DEVICE;
    if (port == 0 || port > UINT16_MAX)
        return LETHE_MUX_REFUSED;
    return mux->upstream.connect(mux->upstream.user, seen.id, LETHE_MUX_PORT_SWAP((uint16_t)port));
}

/* What the real usbmuxd has of the one record, or does with it; NULL: nobody (sensible) answers. */
static json_t *ask_record(const struct lethe_mux *mux, const char *what)
{
    json_t *request = json_pack("{s:s, s:s, s:s, s:s, s:i}", "MessageType", what, "PairRecordID",
                                mux->udid, "ProgName", "lethe-mux", "ClientVersionString",
                                "lethe-mux", "kLibUSBMuxVersion", 3);
    json_t *answer = request ? mux->upstream.ask(mux->upstream.user, request) : NULL;
    json_decref(request);
    return answer;
}

/* In a job our own copy from now on, since the real usbmuxd throws its one away as soon as the
 * device refuses it, which is what is to be shown (facts/phones.md 1.4). Who only looks, and who
 * cleans up, keeps no keys on disk. False: it could not be asked. */
static bool borrow(struct lethe_mux *mux)
{
    struct lethe_mux_record *record = &mux->record;
    json_t *answer = ask_record(mux, "ReadPairRecord");
    size_t len = 0;
    void *data = lethe_plist_data_get(json_object_get(answer, "PairRecordData"), &len);
    if (data)
        lethe_mux_record_set(record, data, len, !record->pairing && !record->gone);
    free(data);
    bool answered = answer != NULL;
    json_decref(answer);
    return answered;
}

static json_t *read_record(struct lethe_mux *mux, const json_t *request)
{
    if (!names(mux->udid, json_object_get(request, "PairRecordID")))
        return result(LETHE_MUX_BAD_DEVICE);
    if (!mux->record.data && mux->record.borrow && !borrow(mux))
        return result(LETHE_MUX_REFUSED); /* not "there is none" */
    if (!mux->record.data)
        return result(LETHE_MUX_BAD_DEVICE);
    return json_pack("{s:o}", "PairRecordData",
                     lethe_plist_data(mux->record.data, mux->record.len));
}

static json_t *save_record(struct lethe_mux *mux, const json_t *request)
{
    size_t len = 0;
    if (!names(mux->udid, json_object_get(request, "PairRecordID")))
        return result(LETHE_MUX_BAD_DEVICE);
    void *data = lethe_plist_data_get(json_object_get(request, "PairRecordData"), &len);
    int rc = data ? lethe_mux_record_set(&mux->record, data, len,
                                         mux->record.pairing || !mux->record.kept)
                  : -1;
    free(data);
    return result((unsigned)(rc < 0 ? LETHE_MUX_BAD_COMMAND : LETHE_MUX_OK));
}

/* Ours first. A job that cleans up then finds the real usbmuxd's, with which that paired by itself
 * (facts/phones.md 5.9), and has it thrown away there. */
static json_t *delete_record(struct lethe_mux *mux, const json_t *request)
{
    bool behind = mux->record.gone && mux->record.borrow;
    if (!names(mux->udid, json_object_get(request, "PairRecordID")))
        return result(LETHE_MUX_BAD_DEVICE);
    lethe_mux_record_delete(&mux->record);
    if (!behind)
        return result(LETHE_MUX_OK);
    json_t *answer = ask_record(mux, "DeletePairRecord");
    const json_t *number_ = json_object_get(answer, "Number");
    bool deleted = json_is_integer(number_) && json_integer_value(number_) == LETHE_MUX_OK;
    json_decref(answer);
    return result(deleted ? LETHE_MUX_OK : LETHE_MUX_REFUSED);
}

enum lethe_mux_next lethe_mux_handle(struct lethe_mux *mux, uint32_t tag, const void *plist,
                                     size_t len, struct lethe_buf *out)
{
    enum lethe_mux_next next = LETHE_MUX_NEXT_REPLY;
    json_t *request = lethe_plist_parse(plist, len, NULL), *reply = NULL;
    const char *type = json_string_value(json_object_get(request, "MessageType"));
    if (!type) {
        json_decref(request);
        return LETHE_MUX_NEXT_DROP;
    }
    if (strcmp(type, "ListDevices") == 0) {
        reply = list(mux);
    } else if (strcmp(type, "Connect") == 0) {
        unsigned rc = connect_to(mux, request);
        reply = result(rc);
        next = rc == LETHE_MUX_OK ? LETHE_MUX_NEXT_RELAY : LETHE_MUX_NEXT_REPLY;
    } else if (strcmp(type, "Listen") == 0) {
        reply = result(LETHE_MUX_OK);
        next = LETHE_MUX_NEXT_LISTEN;
    } else if (strcmp(type, "ReadBUID") == 0) {
        reply = json_pack("{s:s}", "BUID", mux->buid);
    } else if (strcmp(type, "ReadPairRecord") == 0) {
        reply = read_record(mux, request);
    } else if (strcmp(type, "SavePairRecord") == 0) {
        reply = save_record(mux, request);
    } else if (strcmp(type, "DeletePairRecord") == 0) {
        reply = delete_record(mux, request);
    } else {
        reply = result(LETHE_MUX_BAD_COMMAND);
    }
    if (lethe_mux_frame(tag, reply, out) < 0)
        next = LETHE_MUX_NEXT_DROP;
    json_decref(reply);
    json_decref(request);
    return next;
}
