/* SPDX-License-Identifier: Apache-2.0 */
/* lethe-mux: two bytes of length, what the real usbmuxd answers, then what a client asks. Nothing
 * of another device may come back, whatever the two say. */
#include <mux/mux.h>
#include <proto/plist.h>
#include <stdlib.h>
#include <string.h>

#define OURS "00008030-001C2D3E4F50001E"

struct real {
    const uint8_t *answer;
    size_t len;
};

static json_t *ask(void *user, const json_t *request)
{
    const struct real *real = user;
    (void)request;
    return lethe_plist_parse(real->answer, real->len, NULL);
}

static unsigned connect_to(void *user, uint32_t device, uint16_t port)
{
    (void)user;
    if (device == 0 || port == 0)
        abort();
    return LETHE_MUX_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    size_t len = (size_t)data[0] << 8 | data[1];
    len = len < size - 2 ? len : size - 2;
    struct real real = {data + 2, len};
    struct lethe_mux mux = {.udid = OURS,
                            .buid = "B",
                            .record = {.fd = -1, .borrow = true},
                            .upstream = {ask, connect_to, &real}};
    struct lethe_buf out = {0};
    lethe_mux_handle(&mux, 1, data + 2 + len, size - 2 - len, &out);
    if (out.len) {
        json_t *reply = lethe_plist_parse(out.data + LETHE_MUX_CLIENT_HEADER,
                                          out.len - LETHE_MUX_CLIENT_HEADER, NULL);
        const json_t *list = json_object_get(reply, "DeviceList");
        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *udid = json_string_value(json_object_get(
                json_object_get(json_array_get(list, i), "Properties"), "SerialNumber"));
            if (!udid || strcmp(udid, OURS) != 0)
                abort();
        }
        json_decref(reply);
    }
    lethe_buf_free(&out);
    lethe_mux_record_clear(&mux.record);
    return 0;
}
