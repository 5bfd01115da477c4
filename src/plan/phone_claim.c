/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reset destroys (facts/phones.md 1.5, 2.4). Where all user data is encrypted and the reset
 * destroys the key, it is a cryptographic erase, by the word of the maker; else it is a reset. That
 * /metadata was erased, where the key is wrapped, the verdict asks (job/assess_phone.c).
 */
#include "plan/phone.h"

#include <string.h>

/* The data volume of an iPhone or iPad is always encrypted, and its key changes with every erase.
 */
static bool is_encrypted(const struct lethe_phone *phone)
{
    const __typeof__(phone->android) *a = &phone->android;
    if (phone->family == LETHE_FAMILY_IOS)
        return true;
    if (phone->family != LETHE_FAMILY_ANDROID || strcmp(a->crypto_state, "encrypted") != 0)
        return false;
    bool file = strcmp(a->crypto_type, "file") == 0;
    bool metadata = lethe_phone_encrypts_metadata(phone) == LETHE_ANSWER_YES;
    bool told = file || strcmp(a->crypto_type, "block") == 0;
    return (file && metadata) || (told && a->hardware_keystore == LETHE_ANSWER_YES);
}

struct lethe_phone_claim lethe_phone_claim(const struct lethe_phone *phone,
                                           const struct lethe_technique *technique)
{
    struct lethe_phone_claim claim = {LETHE_METHOD_CLEAR, LETHE_KIND_RESET};
    if (technique->kind == LETHE_KIND_OVERWRITE)
        claim.kind = LETHE_KIND_OVERWRITE;
    else if (technique->method >= LETHE_METHOD_PURGE && is_encrypted(phone))
        claim = (struct lethe_phone_claim){LETHE_METHOD_PURGE, LETHE_KIND_CRYPTO_ERASE};
    if (claim.method > technique->method)
        claim.method = technique->method;
    return claim;
}
