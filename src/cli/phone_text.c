/* SPDX-License-Identifier: Apache-2.0 */
#include "phone_text.h"

#include "wrap.h"

#include <base/text.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static void add(char *out, size_t out_size,
                                                      const char *format, ...)
{
    size_t len = strlen(out);
    va_list args;
    if (len && len + 2 < out_size) {
        memcpy(out + len, ", ", 3);
        len += 2;
    }
    va_start(args, format);
    vsnprintf(out + len, out_size - len, format, args);
    va_end(args);
}

bool lethe_phone_shown(const struct lethe_facts *facts)
{
    return facts && facts->phone.family != LETHE_FAMILY_NONE;
}

static const char *mode_words(const struct lethe_phone *phone)
{
    switch (phone->mode) {
    case LETHE_MODE_NORMAL:
        return "its system runs";
    case LETHE_MODE_CLOSED:
        return "its system runs, and shows files at most";
    case LETHE_MODE_PTP:
        return "it shows pictures and nothing more";
    case LETHE_MODE_RECOVERY:
        return "in recovery mode";
    case LETHE_MODE_SIDELOAD:
        return "in recovery, waiting for an update";
    case LETHE_MODE_RESCUE:
        return "in recovery, in rescue mode";
    case LETHE_MODE_FASTBOOT:
    case LETHE_MODE_FASTBOOTD:
        return "in its boot loader (fastboot)";
    case LETHE_MODE_DFU:
        return "in DFU mode";
    case LETHE_MODE_DOWNLOAD:
        return "in download mode";
    case LETHE_MODE_EDL:
        return "in its chip's emergency mode";
    default:
        return "in a mode that nobody knows";
    }
}

static const char *access_words(enum lethe_phone_access access)
{
    switch (access) {
    case LETHE_ACCESS_BUSY:
        return "another program of this bench holds it";
    case LETHE_ACCESS_LOCKED:
        return "unlock it first";
    case LETHE_ACCESS_UNTRUSTED:
        return "it does not trust this bench";
    case LETHE_ACCESS_REFUSED:
        return "it refuses this bench";
    case LETHE_ACCESS_GRANTED:
        return "it trusts this bench";
    default:
        return "it answers nothing";
    }
}

static const char *system_name(const struct lethe_phone *phone)
{
    return phone->family == LETHE_FAMILY_ANDROID   ? "Android "
           : phone->family == LETHE_FAMILY_HARMONY ? "HarmonyOS "
           : phone->family != LETHE_FAMILY_IOS     ? ""
           : phone->tablet                         ? "iPadOS "
                                                   : "iOS ";
}

void lethe_phone_summary(const struct lethe_phone *phone, char *out, size_t out_size)
{
    out[0] = '\0';
    add(out, out_size, "%s", mode_words(phone));
    if (phone->system[0])
        add(out, out_size, "%s%s", system_name(phone), phone->system);
    if (phone->battery >= 0)
        add(out, out_size, "battery %" PRId64 " %%%s", (int64_t)phone->battery,
            phone->charging == LETHE_ANSWER_YES ? " and charging" : "");
    if (phone->access != LETHE_ACCESS_NONE)
        add(out, out_size, "%s", access_words(phone->access));
}

/* In words that the seller understands, too. */
static const char *const lock_words[LETHE_LOCK_COUNT] = {
    [LETHE_LOCK_FIND_MY] = "Find My is on",
    [LETHE_LOCK_ACTIVATION] = "locked to its owner's Apple Account (Activation Lock)",
    [LETHE_LOCK_MDM] = "managed by an organisation",
    [LETHE_LOCK_SUPERVISED] = "supervised by an organisation",
    [LETHE_LOCK_FRP] = "factory reset protection is armed",
    [LETHE_LOCK_ACCOUNTS] = "accounts are signed in",
    [LETHE_LOCK_NO_RESET] = "a restriction forbids a factory reset",
    [LETHE_LOCK_PASSCODE] = "it has a screen lock",
};

void lethe_phone_locks(const struct lethe_phone *phone, char *out, size_t out_size)
{
    out[0] = '\0';
    for (int i = 0; i < LETHE_LOCK_COUNT; i++)
        if (phone->locks[i] == LETHE_ANSWER_YES)
            add(out, out_size, "%s", lock_words[i]);
}

/* Locks of this family that nobody could ask about: unknown is not no. */
static void unasked(const struct lethe_phone *phone, char *out, size_t out_size)
{
    static const struct {
        enum lethe_lock lock;
        enum lethe_phone_family family; /* NONE: of all */
        const char *name;
    } rows[] = {
        {LETHE_LOCK_FIND_MY, LETHE_FAMILY_IOS, "Find My"},
        {LETHE_LOCK_ACTIVATION, LETHE_FAMILY_IOS, "Activation Lock"},
        {LETHE_LOCK_MDM, LETHE_FAMILY_NONE, "management"},
        {LETHE_LOCK_FRP, LETHE_FAMILY_ANDROID, "factory reset protection"},
        {LETHE_LOCK_ACCOUNTS, LETHE_FAMILY_ANDROID, "accounts"},
    };
    out[0] = '\0';
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (phone->locks[rows[i].lock] == LETHE_ANSWER_UNKNOWN &&
            (rows[i].family == LETHE_FAMILY_NONE || rows[i].family == phone->family))
            add(out, out_size, "%s", rows[i].name);
}

#define ROW(name, ...)                                                                             \
    do {                                                                                           \
        char head[32];                                                                             \
        lethe_text_format(head, sizeof head, "%-12s ", name);                                      \
        lethe_wrap_print(out, head, 13, width, __VA_ARGS__);                                       \
    } while (0)

static void print_numbers(const struct lethe_phone *phone, size_t width, FILE *out)
{
    char size[32], free_[32];
    if (phone->product[0])
        ROW("product", "%s", phone->product);
    if (phone->build[0])
        ROW("build", "%s", phone->build);
    if (phone->serial[0])
        ROW("its serial", "%s", phone->serial);
    if (phone->ecid[0])
        ROW("ECID", "%s", phone->ecid);
    lethe_size_format(size, sizeof size, phone->storage);
    lethe_size_format(free_, sizeof free_, phone->storage_free);
    if (phone->storage)
        ROW("storage", "%s, %s free", size, free_);
    if (phone->android.crypto_state[0])
        ROW("encryption", "%s%s%s", phone->android.crypto_state,
            phone->android.crypto_type[0] ? ", by " : "", phone->android.crypto_type);
    if (phone->unlocked != LETHE_ANSWER_UNKNOWN)
        ROW("boot loader", "%s", phone->unlocked == LETHE_ANSWER_YES ? "unlocked" : "locked");
    if (phone->sd_card == LETHE_ANSWER_YES)
        ROW("SD card", "is in it: a medium of its own, erase it in a reader");
    if (phone->ios.activation[0])
        ROW("activation", "%s", phone->ios.activation);
}

void lethe_phone_print(const struct lethe_facts *facts, size_t width, FILE *out)
{
    const struct lethe_phone *phone = &facts->phone;
    char text[512];
    lethe_phone_summary(phone, text, sizeof text);
    ROW("state", "%s", text);
    if (facts->obstacle[0])
        ROW("but", "%s", facts->obstacle);
    if (phone->advice[0])
        ROW("advice", "%s", phone->advice);
    else if (facts->remedy[0])
        ROW("remedy", "%s", facts->remedy);
    lethe_phone_locks(phone, text, sizeof text);
    ROW("locks", "%s", text[0] ? text : "none that is known");
    unasked(phone, text, sizeof text);
    if (text[0])
        ROW("not known", "%s", text);
    print_numbers(phone, width, out);
    text[0] = '\0';
    for (int i = 0; i < LETHE_CAPABILITY_COUNT; i++)
        if (facts->can & 1u << i)
            add(text, sizeof text, "%s", lethe_capability_name((enum lethe_capability_bit)i));
    if (text[0])
        ROW("can", "%s", text);
}

/* Where no profile tells the menus of this maker. */
static const struct lethe_guide_step anybody[] = {
    {"Take SIM and SD cards out, and keep the phone on its charger or this port.",
     "取出 SIM 卡和存储卡，保持充电或连接本机。"},
    {"Sign out of every account and switch off any \"find my device\".",
     "退出所有账号，关闭“查找我的手机”一类功能。"},
    {"In its settings look for Reset (often under System, General or About), and choose to erase "
     "all data: factory reset.",
     "在“设置”中找到“重置”（多在“系统”“通用”或“关于”内），选择“清除所有数据／恢复出厂设置”。"},
    {"Confirm, and wait until it has restarted and shows its first setup screen.",
     "确认后等待重启，直到出现首次设置画面。"},
};

static void print_in(const struct lethe_guide_step *steps, size_t n, bool chinese, size_t width,
                     FILE *out)
{
    for (size_t i = 0; i < n; i++) {
        char head[16];
        lethe_text_format(head, sizeof head, "  %2zu. ", i + 1);
        lethe_wrap_print(out, head, 6, width, "%s", chinese ? steps[i].zh : steps[i].en);
    }
}

void lethe_guide_print(const struct lethe_profile *profile, const char *lang, size_t width,
                       FILE *out)
{
    bool own = profile && profile->n_guide > 0;
    const struct lethe_guide_step *steps = own ? profile->guide : anybody;
    size_t n = own ? profile->n_guide : sizeof anybody / sizeof *anybody;
    if (!lang || strcmp(lang, "zh") != 0)
        print_in(steps, n, false, width, out);
    if (lang && strcmp(lang, "en") != 0)
        print_in(steps, n, true, width, out);
}
