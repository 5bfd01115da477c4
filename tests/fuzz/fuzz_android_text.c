/* SPDX-License-Identifier: Apache-2.0 */
/* What Android's shell prints: every reader reads it, and claims nothing that it can't. */
#include "base/text.h"
#include "proto/android_text.h"

#include <stdlib.h>
#include <string.h>

static bool holds(const char *text, size_t len, const char *what)
{
    return len && memmem(text, len, what, strlen(what));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct lethe_android_accounts accounts;
    struct lethe_android_frp frp;
    struct lethe_android_policy policy;
    struct lethe_android_users users;
    struct lethe_android_volumes volumes;
    struct lethe_android_battery battery;
    uint64_t total, available;
    char word[128];

    if (lethe_android_prop(text, size, "ro.product.model", word, sizeof word) &&
        !lethe_text_is_clean(word))
        abort();
    lethe_android_setting(text, size, word, sizeof word);
    if (!lethe_text_is_clean(word))
        abort();
    lethe_android_accounts(text, size, &accounts);
    if (accounts.any == LETHE_ANSWER_NO &&
        (accounts.accounts != 0 || !holds(text, size, "Accounts:")))
        abort();
    lethe_android_frp(text, size, &frp);
    if (frp.armed == LETHE_ANSWER_NO && (frp.challenge != 0 || !holds(text, size, "FRP state:") ||
                                         !holds(text, size, "Has FRP credential handle:")))
        abort();
    lethe_android_policy(text, size, &policy);
    if (policy.device_owner == LETHE_ANSWER_NO && holds(text, size, "\nDevice Owner:"))
        abort();
    lethe_android_users(text, size, &users);
    if (users.no_factory_reset == LETHE_ANSWER_NO && users.users == LETHE_ANDROID_COUNT_UNKNOWN)
        abort();
    lethe_android_volumes(text, size, &volumes);
    if (volumes.sd_card == LETHE_ANSWER_NO && !volumes.n)
        abort();
    if (lethe_android_df(text, size, &total, &available) && available > total)
        abort();
    lethe_android_battery(text, size, &battery);
    if (battery.level < -1 || battery.level > 100)
        abort();
    lethe_android_packages(text, size);
    if (lethe_android_activity(text, size, word, sizeof word) && !strchr(word, '/'))
        abort();
    return 0;
}
