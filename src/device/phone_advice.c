/* SPDX-License-Identifier: Apache-2.0 */
#include <lethe/phone.h>

/* What to do with one that can't be asked here. The first row that fits. */
static const struct {
    int family; /* -1 any */
    enum lethe_phone_mode mode;
    const char *advice;
} rows[] = {
    {-1, LETHE_MODE_DFU,
     "it is in DFU mode, where nothing can be erased and nothing shown: hold its power and volume "
     "buttons until it starts, then plug it in again; if it does not start, only a restore by its "
     "maker's program helps"},
    {LETHE_FAMILY_IOS, LETHE_MODE_RECOVERY,
     "it is in recovery mode, which has no command to erase: hold its side and volume-down buttons "
     "until it restarts, then plug it in again; if it comes back here, only a restore by its "
     "maker's program helps"},
    {LETHE_FAMILY_ANDROID, LETHE_MODE_RECOVERY,
     "it is in its recovery system, which answers nobody: choose \"Reboot system now\" on its "
     "screen, unlock it, then plug it in again"},
    {LETHE_FAMILY_IOS, LETHE_MODE_PTP,
     "it shows photos and nothing more: unlock it; if that does not help, unplug it and plug it in "
     "again"},
    {LETHE_FAMILY_IOS, LETHE_MODE_CLOSED,
     "it shows nothing while it is locked: unlock it; if that does not help, unplug it and plug it "
     "in again"},
    {-1, LETHE_MODE_DOWNLOAD,
     "it is in Samsung's download mode, which takes signed software only: hold volume down and "
     "power for ten seconds until it restarts, then plug it in again"},
    {-1, LETHE_MODE_EDL,
     "its chip waits for its maker's signed loader: hold power for twenty seconds until it "
     "restarts; if it stays so, it is to be repaired or destroyed"},
    {LETHE_FAMILY_HARMONY, LETHE_MODE_NORMAL,
     "HarmonyOS: Lethe can ask it nothing; reset it by hand, step by step: lethe erase TARGET "
     "--policy nist-800-88r2-clear --guided"},
    {LETHE_FAMILY_ANDROID, LETHE_MODE_CLOSED,
     "USB debugging is off, so nothing can be asked of it: unlock it, Settings > About phone > tap "
     "\"Build number\" seven times, then System > Developer options > USB debugging; or reset it "
     "by hand: lethe erase TARGET --policy nist-800-88r2-clear --guided"},
    {LETHE_FAMILY_ANDROID, LETHE_MODE_PTP,
     "USB debugging is off, so nothing can be asked of it: unlock it, Settings > About phone > tap "
     "\"Build number\" seven times, then System > Developer options > USB debugging; or reset it "
     "by hand: lethe erase TARGET --policy nist-800-88r2-clear --guided"},
    {LETHE_FAMILY_OTHER, LETHE_MODE_PTP,
     "a camera, or something that shows itself as one: deleting pictures is not sanitising; take "
     "its card out and erase that in a reader"},
    {LETHE_FAMILY_OTHER, LETHE_MODE_CLOSED,
     "it shows files and nothing more (MTP), and deleting files is not sanitising: reset it in its "
     "own settings, and erase its card in a reader"},
    {LETHE_FAMILY_OTHER, LETHE_MODE_NORMAL,
     "neither a phone nor a tablet: Lethe can neither erase it nor show that it is erased; reset "
     "it in its own settings, by its maker's instructions"},
};

const char *lethe_phone_mode_advice(enum lethe_phone_family family, enum lethe_phone_mode mode)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (rows[i].mode == mode &&
            (rows[i].family < 0 || (unsigned)rows[i].family == (unsigned)family))
            return rows[i].advice;
    return "";
}
