/* SPDX-License-Identifier: Apache-2.0 */
/* Who a phone is: its port tells a serial number, and the phone itself the rest. */
#include <base/text.h>
#include <station/bench.h>
#include <string.h>

void lethe_bench_seen(const struct lethe_device *device, struct lethe_phone *out)
{
    if (device->facts) {
        *out = device->facts->phone;
        return;
    }
    bool apple = strcmp(device->identity.vendor, "Apple") == 0;
    *out = (struct lethe_phone){.family = apple ? LETHE_FAMILY_IOS : LETHE_FAMILY_ANDROID,
                                .mode = device->mode,
                                .battery = -1};
    out->android.users = out->android.accounts = UINT32_MAX;
    lethe_text_format(out->vendor, sizeof(out->vendor), "%s", device->identity.vendor);
    lethe_text_format(out->model, sizeof(out->model), "%.63s", device->identity.model);
}

/* Once, however it is spelt: usbmuxd's dash, small letters. */
static void add(struct lethe_identity *identity, enum lethe_id_kind kind, const char *value)
{
    char have[96], new[96];
    lethe_identifier_fold(new, sizeof(new), value);
    for (size_t i = 0; i < identity->n_identifiers; i++) {
        lethe_identifier_fold(have, sizeof(have), identity->identifiers[i].value);
        if (identity->identifiers[i].kind == kind && strcmp(have, new) == 0)
            return;
    }
    lethe_identity_add(identity, kind, LETHE_SOURCE_DEVICE, value);
}

void lethe_bench_know(const struct lethe_phone *seen, struct lethe_device *device)
{
    struct lethe_phone *phone = &device->facts->phone;
    struct lethe_identity *identity = &device->identity;
    if (phone->family == LETHE_FAMILY_NONE) { /* it said nothing of itself */
        *phone = *seen;
        return;
    }
    add(identity, LETHE_ID_SERIAL, phone->serial);
    add(identity, LETHE_ID_UDID, phone->udid);
    for (size_t i = 0; i < 2; i++)
        add(identity, LETHE_ID_IMEI, phone->imei[i]);
    if (phone->tablet)
        identity->class_ = LETHE_CLASS_TABLET;
    if (phone->vendor[0])
        lethe_text_format(identity->vendor, sizeof(identity->vendor), "%s", phone->vendor);
    if (phone->model[0])
        lethe_text_format(identity->model, sizeof(identity->model), "%s", phone->model);
    if (phone->system[0])
        lethe_text_format(identity->firmware, sizeof(identity->firmware), "%.31s", phone->system);
}
