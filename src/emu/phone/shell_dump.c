/* SPDX-License-Identifier: Apache-2.0 */
/* dumpsys, as a phone of this Android prints it (facts/phones.md 2.3). */
#include "base/text.h"
#include "emu/phone/android.h"
#include "emu/phone/shell.h"
#include <string.h>

static void user_line(struct shell *shell, uint64_t u, const char *end)
{
    lethe_buf_printf(&shell->out, "UserInfo{%llu:%s:c13}%s", (unsigned long long)(u ? u + 9 : 0),
                     u ? "Work" : "Owner", end);
}

static void account(struct shell *shell, const struct phone *phone)
{
    uint64_t users = android_users(phone);
    json_int_t accounts = json_integer_value(json_object_get(phone_state(phone), "accounts"));
    for (uint64_t u = 0; u < users; u++) {
        json_int_t n = u == users - 1 ? accounts : 0; /* the last one's: each has to be asked */
        lethe_buf_puts(&shell->out, "User ");
        user_line(shell, u, ":\n");
        lethe_buf_printf(&shell->out, "  Accounts: %lld\n", (long long)n);
        for (json_int_t i = 0; i < n; i++)
            lethe_buf_printf(&shell->out,
                             "    Account {name=owner%lld@example.org, type=com.google}\n",
                             (long long)i);
        lethe_buf_puts(&shell->out, "\n  AccountId, Action_Type, timestamp, UID, TableName, Key\n"
                                    "  Accounts History\n\n  Active Sessions: 0\n\n"
                                    "  RegisteredServicesCache: 1 services\n");
    }
}

/* Readable by shell from Android 15 on. */
static void persistent(struct shell *shell, const struct phone *phone)
{
    bool frp = phone_state_is(phone, "frp");
    if (!phone_trait_is(phone, "frp_readable"))
        return;
    lethe_buf_printf(&shell->out,
                     "mDataBlockFile: /dev/block/by-name/frp\nmFrpEnforced: true\n"
                     "FRP state: %s\nHas FRP credential handle: %s\n"
                     "FRP challenge block size: %d\n",
                     frp ? "true" : "false", frp ? "true" : "false", frp ? 96 : 0);
}

static void policy(struct shell *shell, const struct phone *phone)
{
    const char *owner = phone_trait_text(phone, "device_owner");
    bool owned = *owner && phone_state_is(phone, "provisioned") &&
                 json_integer_value(json_object_get(phone->memory, "erased")) == 0;
    lethe_buf_puts(&shell->out, "Current Device Policy Manager state:\n");
    if (owned)
        lethe_buf_printf(&shell->out,
                         "  Device Owner: \n    admin=ComponentInfo{%s}\n    name=\n"
                         "    package=%.*s\n    User ID: 0\n\n",
                         owner, (int)strcspn(owner, "/"), owner);
    lethe_buf_puts(&shell->out, "  Enabled Device Admins (User 0, provisioningState: 0):\n");
    if (owned)
        lethe_buf_printf(&shell->out, "    %s:\n      uid=10234\n", owner);
    lethe_buf_puts(&shell->out, "\n  Encryption Status: per-user\n");
}

static void user(struct shell *shell, const struct phone *phone)
{
    uint64_t users = android_users(phone);
    const char *restriction =
        phone_trait_is(phone, "no_factory_reset") ? "no_factory_reset" : "none";
    lethe_buf_puts(&shell->out, "Current user: 0\nUsers:\n");
    for (uint64_t u = 0; u < users; u++) {
        lethe_buf_puts(&shell->out, "  ");
        user_line(shell, u, " serialNo=0 isPrimary=true\n");
        lethe_buf_printf(&shell->out,
                         "    Flags: 3091 (ADMIN|FULL|INITIALIZED|MAIN|PRIMARY|SYSTEM)\n"
                         "    State: RUNNING_UNLOCKED\n    Has profile owner: false\n"
                         "    Restrictions:\n      none\n"
                         "    Device policy global restrictions:\n      null\n"
                         "    Effective restrictions:\n      %s\n",
                         u == 0 ? restriction : "none");
    }
    lethe_buf_printf(&shell->out,
                     "\n  Guest restrictions:\n    no_factory_reset\n    no_sms\n\n"
                     "  Device managed: %s\n",
                     *phone_trait_text(phone, "device_owner") ? "true" : "false");
}

static void battery(struct shell *shell, const struct phone *phone)
{
    lethe_buf_printf(&shell->out,
                     "Current Battery Service state:\n  AC powered: false\n  USB powered: %s\n"
                     "  Wireless powered: false\n  status: 2\n  health: 2\n  present: true\n"
                     "  level: %llu\n  scale: 100\n  voltage: 4123\n  technology: Li-ion\n",
                     json_is_false(phone_trait(phone, "charging")) ? "false" : "true",
                     (unsigned long long)phone_trait_count(phone, "battery", 80));
}

static void package(struct shell *shell, const struct phone *phone)
{
    lethe_buf_printf(&shell->out,
                     "Packages:\n  Package [com.android.shell] (1f2e3d4):\n    userId=2000\n"
                     "    install permissions:\n"
                     "      android.permission.INTERNET: granted=true\n"
                     "      android.permission.MASTER_CLEAR: granted=%s\n",
                     phone_trait_is(phone, "master_clear") ? "true" : "false");
}

static int dumpsys(struct shell *shell, const struct shell_words *words)
{
    static const struct {
        const char *name;
        void (*print)(struct shell *shell, const struct phone *phone);
    } services[] = {{"account", account},      {"persistent_data_block", persistent},
                    {"device_policy", policy}, {"user", user},
                    {"battery", battery},      {"package", package}};
    for (size_t i = 0; words->n > 1 && i < sizeof(services) / sizeof(*services); i++) {
        if (strcmp(services[i].name, words->at[1]) != 0)
            continue;
        services[i].print(shell, &shell->engine->phone);
        return 0;
    }
    lethe_buf_printf(&shell->err, "Can't find service: %s\n", words->n > 1 ? words->at[1] : "");
    return 0; /* as dumpsys does */
}

const struct shell_command shell_dump[] = {{"dumpsys", dumpsys}, {NULL, NULL}};
