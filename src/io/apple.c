/* SPDX-License-Identifier: Apache-2.0 */
/* The words of src/io/apple.h. */
#include <io/apple.h>
#include <string.h>

const char *lethe_apple_end_name(enum lethe_apple_end end)
{
    static const char *const names[] = {
#define X(symbol, spelling) spelling,
        LETHE_APPLE_ENDS(X)
#undef X
    };
    return (unsigned)end < sizeof(names) / sizeof(*names) ? names[end] : "internal";
}

void lethe_apple_answer_clear(struct lethe_apple_answer *answer)
{
    json_decref(answer->reply);
    *answer = (struct lethe_apple_answer){0};
}

enum lethe_apple_pairing lethe_apple_pairing_of(const struct lethe_apple_answer *answer)
{
    static const char *const names[] = {
#define X(symbol, spelling) spelling,
        LETHE_APPLE_PAIRINGS(X)
#undef X
    };
    for (size_t i = 0; answer->end == LETHE_APPLE_REPLY && i < sizeof(names) / sizeof(*names); i++)
        if (!strcmp(names[i], answer->error))
            return (enum lethe_apple_pairing)i;
    return LETHE_PAIRING_OTHER;
}

const char *lethe_apple_pairing_advice(enum lethe_apple_pairing pairing)
{
    switch (pairing) {
    case LETHE_PAIRING_DONE:
        return "";
    case LETHE_PAIRING_DIALOG:
        return "tap Trust on the device and enter its passcode";
    case LETHE_PAIRING_LOCKED:
        return "unlock the device with its passcode";
    case LETHE_PAIRING_DENIED:
        return "somebody tapped \"Don't Trust\": unplug it, plug it in again, and tap Trust";
    case LETHE_PAIRING_FIND_MY:
        return "the device does not pair while it is marked as lost in Find My: its owner must end "
               "that";
    case LETHE_PAIRING_MANAGED:
        return "its organisation forbids pairing with this computer: ask the seller to release the "
               "device from its management";
    case LETHE_PAIRING_CHALLENGE:
        return "it is supervised and pairs only with its organisation's computer: ask the seller "
               "to erase and release it";
    case LETHE_PAIRING_OTHER:
        break;
    }
    return "unplug the device, unlock it, plug it in again and tap Trust";
}
