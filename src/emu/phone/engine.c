/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "base/time.h"
#include "emu/phone/android.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LOOK_EVERY_MS 20

static const struct phone_protocol *protocol_of(const struct phone *phone)
{
    if (phone_family(phone) == LETHE_FAMILY_IOS)
        return phone_mode(phone) == LETHE_MODE_NORMAL ? &phone_protocol_mux : NULL;
    enum lethe_phone_mode mode = phone_mode(phone);
    if (mode == LETHE_MODE_FASTBOOT || mode == LETHE_MODE_FASTBOOTD)
        return &phone_protocol_fastboot;
    return android_answers(phone) ? &phone_protocol_adb : NULL;
}

/* Has somebody changed the memory since? A rename gives it another inode. */
static bool changed(struct phone_engine *engine)
{
    struct stat st;
    if (stat(engine->phone.path, &st) < 0)
        return true;
    uint64_t when = (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec;
    bool yes = engine->inode != st.st_ino || engine->changed != when;
    engine->inode = st.st_ino;
    engine->changed = when;
    const json_t *due = json_object_get(engine->phone.memory, "due");
    return yes || (json_is_object(due) &&
                   (uint64_t)json_integer_value(json_object_get(due, "at")) <= lethe_now_ms());
}

static int present(struct phone_engine *engine)
{
    if (phone_is_away(&engine->phone) || phone_generation(&engine->phone) != engine->generation)
        engine->left = true;
    return engine->left ? -ENODEV : 0;
}

int phone_engine_open(const char *path, struct phone_engine **out, struct lethe_error *err)
{
    PHONE_AUTO phone = {0};
    int rc = phone_open(path, &phone, err);
    if (rc < 0)
        return rc;
    if (phone_is_away(&phone))
        return lethe_fail(err, LETHE_E_GONE, "the phone is not on its port");
    const struct phone_protocol *protocol = protocol_of(&phone);
    if (!protocol)
        return lethe_fail(err, LETHE_E_UNSUPPORTED, "a phone in mode %s has no endpoints",
                          lethe_phone_mode_name(phone_mode(&phone)));
    struct phone_engine *engine = calloc(1, protocol->size);
    if (!engine)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    engine->protocol = protocol;
    engine->phone = phone;
    phone.memory = NULL;
    engine->generation = phone_generation(&engine->phone);
    changed(engine);
    rc = protocol->open ? protocol->open(engine, err) : 0;
    if (rc < 0)
        phone_engine_close(engine);
    else
        *out = engine;
    return rc;
}

void phone_engine_close(struct phone_engine *engine)
{
    if (!engine)
        return;
    if (engine->protocol->close)
        engine->protocol->close(engine);
    while (engine->first) {
        struct phone_transfer *next = engine->first->next;
        free(engine->first);
        engine->first = next;
    }
    phone_close(&engine->phone);
    free(engine);
}

int phone_engine_say(struct phone_engine *engine, const void *data, size_t len)
{
    struct phone_transfer *transfer = malloc(sizeof(*transfer) + len);
    const json_t *slow = phone_fault(&engine->phone, PHONE_FAULT_SLOW);
    if (!transfer)
        return -ENOMEM;
    *transfer = (struct phone_transfer){.len = len, .at = engine->hold};
    if (slow)
        transfer->at = lethe_monotonic_ms() + phone_fault_count(slow, "milliseconds", 200);
    memcpy(transfer->data, data, len);
    if (engine->last)
        engine->last->next = transfer;
    else
        engine->first = transfer;
    engine->last = transfer;
    return 0;
}

void phone_engine_hold(struct phone_engine *engine, uint64_t ms)
{
    engine->hold = lethe_monotonic_ms() + ms;
}

int phone_engine_change(struct phone_engine *engine, phone_change_fn *change, void *user)
{
    int rc = phone_change(&engine->phone, change, user, NULL);
    present(engine);
    return rc;
}

int phone_engine_out(struct phone_engine *engine, const void *data, size_t len)
{
    int rc = phone_engine_tick(engine);
    return rc < 0 ? rc : engine->protocol->out(engine, data, len);
}

ssize_t phone_engine_in(struct phone_engine *engine, void *data, size_t size)
{
    struct phone_transfer *transfer = engine->first;
    if (!transfer)
        return engine->left ? -ENODEV : 0;
    if (transfer->at > lethe_monotonic_ms())
        return 0;
    size_t rest = transfer->len - transfer->taken, n = rest < size ? rest : size;
    memcpy(data, transfer->data + transfer->taken, n);
    transfer->taken += n;
    if (transfer->taken == transfer->len) {
        engine->first = transfer->next;
        if (!engine->first)
            engine->last = NULL;
        free(transfer);
    }
    return (ssize_t)n;
}

int phone_engine_tick(struct phone_engine *engine)
{
    if (engine->left)
        return -ENODEV;
    if (changed(engine) && phone_read(&engine->phone, NULL) < 0)
        engine->left = true;
    int rc = present(engine);
    return rc == 0 && engine->protocol->tick ? engine->protocol->tick(engine) : rc;
}

int phone_engine_poll_ms(const struct phone_engine *engine)
{
    (void)engine;
    return LOOK_EVERY_MS;
}
