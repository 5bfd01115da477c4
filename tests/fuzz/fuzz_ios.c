/* SPDX-License-Identifier: Apache-2.0 */
/* An iPhone that answers whatever it likes: its values become facts that cross the process
 * boundary, its files are read over AFC, and no two answers of one device show an erasure. */
#include <lethe/facts.h>
#include <proto/plist.h>
#include <stdlib.h>
#include <string.h>
#include <technique/ios.h>
#include <technique/ios_afc.h>

struct phone {
    struct lethe_io io;
    json_t *values;
    const uint8_t *bytes;
    size_t len;
};

static struct phone *of(struct lethe_io *io)
{
    return (struct phone *)(void *)io;
}

static const char *udid(struct lethe_io *io)
{
    (void)io;
    return "00008030-001C2D3E4F50001E";
}

static void value(struct lethe_io *io, const char *domain, const char *key, unsigned timeout_ms,
                  struct lethe_apple_answer *out)
{
    (void)timeout_ms;
    lethe_apple_answer_clear(out);
    out->reply = json_incref(json_object_get(of(io)->values, key ? key : domain));
    out->end = out->reply ? LETHE_APPLE_REPLY : LETHE_APPLE_EOF;
}

static void opened(struct lethe_io *io, unsigned timeout_ms, struct lethe_apple_answer *out)
{
    (void)io, (void)timeout_ms;
    lethe_apple_answer_clear(out);
}

static void nothing(struct lethe_io *io)
{
    (void)io;
}

static struct lethe_apple_service *service(struct lethe_io *io, const char *name,
                                           unsigned timeout_ms, struct lethe_apple_answer *out)
{
    (void)name, (void)timeout_ms;
    lethe_apple_answer_clear(out);
    return (struct lethe_apple_service *)(void *)io;
}

static void exchange(struct lethe_apple_service *from, const json_t *request, unsigned timeout_ms,
                     struct lethe_apple_answer *out)
{
    struct phone *phone = (struct phone *)(void *)from;
    (void)request, (void)timeout_ms;
    lethe_apple_answer_clear(out);
    out->reply = json_incref(phone->values);
}

static enum lethe_apple_end send_it(struct lethe_apple_service *to, const void *data, size_t len,
                                    unsigned timeout_ms)
{
    (void)to, (void)data, (void)len, (void)timeout_ms;
    return LETHE_APPLE_REPLY;
}

static enum lethe_apple_end receive(struct lethe_apple_service *from, void *data, size_t len,
                                    unsigned timeout_ms)
{
    struct phone *phone = (struct phone *)(void *)from;
    (void)timeout_ms;
    if (len > phone->len)
        return LETHE_APPLE_EOF;
    memcpy(data, phone->bytes, len);
    phone->bytes += len;
    phone->len -= len;
    return LETHE_APPLE_REPLY;
}

static void closed(struct lethe_apple_service *one)
{
    (void)one;
}

static const struct lethe_apple_ops apple = {.udid = udid,
                                             .value = value,
                                             .session_open = opened,
                                             .session_close = nothing,
                                             .service_open = service,
                                             .exchange = exchange,
                                             .send = send_it,
                                             .receive = receive,
                                             .service_close = closed};
static const struct lethe_io_ops ops = {.name = "fuzz", .apple = &apple};

static void facts_of(struct phone *phone)
{
    static const struct lethe_identity identity = {.class_ = LETHE_CLASS_PHONE,
                                                   .bus = LETHE_BUS_USB};
    struct lethe_facts *facts = calloc(2, sizeof(*facts));
    struct lethe_ios ios;
    char why[192];
    if (!facts || lethe_facts_read(&phone->io, &identity, NULL, facts, NULL) < 0)
        abort();
    json_t *json = lethe_facts_to_json(facts);
    if (!json || lethe_facts_from_json(json, facts + 1, NULL) < 0)
        abort();
    json_decref(json);
    free(facts);
    lethe_ios_read(&phone->io, &ios);
    json_t *state = lethe_ios_state(&ios);
    json_t *evidence = json_pack("{s:O}", "before", state);
    json_t *findings = json_pack("{s:s, s:s, s:O}", "old_session", "host unknown", "pairing",
                                 "without a dialog", "after", state);
    if (!state || lethe_ios_grade(evidence, findings, why) == LETHE_GRADE_STATE)
        abort();
    json_decref(findings);
    json_decref(evidence);
    json_decref(state);
}

static void files_of(struct phone *phone)
{
    static char data[LETHE_AFC_CHUNK];
    struct lethe_afc afc;
    uint64_t size, available, handle;
    size_t got;
    if (lethe_afc_open(&phone->io, &afc) != 0)
        abort();
    if (lethe_afc_space(&afc, &size, &available) == 0 && available > size)
        abort();
    if (lethe_afc_file_open(&afc, "/Lethe/0", LETHE_AFC_READ, &handle) == 0 &&
        lethe_afc_read(&afc, handle, 0, data, sizeof(data), &got) == 0 && got > sizeof(data))
        abort();
    lethe_afc_close(&afc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct phone phone = {.io = {.ops = &ops}, .bytes = data, .len = size};
    phone.values = lethe_plist_parse(data, size, NULL);
    if (phone.values)
        facts_of(&phone);
    else
        files_of(&phone);
    json_decref(phone.values);
    return 0;
}
