/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "emu/phone/muxd.h"
#include "emu/phone/plist.h"
#include <stdlib.h>
#include <string.h>

enum { RECORD_MAX = 256 << 10 };

/* A name from outside is a file's only when it is one word. */
static bool path_of(const struct muxd *muxd, const char *udid, char out[PATH_MAX])
{
    size_t len = strspn(udid, "0123456789abcdefABCDEF-");
    return len > 0 && len < 64 && udid[len] == '\0' &&
           lethe_text_format(out, PATH_MAX, "%s/%s.plist", muxd->records, udid);
}

json_t *muxd_record_read(const struct muxd *muxd, const char *udid)
{
    char path[PATH_MAX], *bytes = NULL;
    size_t len = 0;
    if (!path_of(muxd, udid, path) || lethe_file_read(path, RECORD_MAX, &bytes, &len, NULL) < 0)
        return NULL;
    json_t *data = plist_data(bytes, len);
    free(bytes);
    return data;
}

bool muxd_record_save(const struct muxd *muxd, const char *udid, const json_t *data)
{
    LETHE_BUF_AUTO bytes = {0};
    char path[PATH_MAX];
    return path_of(muxd, udid, path) && plist_data_get(data, &bytes) > 0 &&
           bytes.len <= RECORD_MAX && lethe_dir_make(muxd->records, 0700, NULL) == 0 &&
           lethe_file_write(path, bytes.data, bytes.len, 0600, NULL) == 0;
}

bool muxd_record_delete(const struct muxd *muxd, const char *udid)
{
    char path[PATH_MAX];
    return path_of(muxd, udid, path) && unlink(path) == 0;
}

/* The host's own name to phones: made once. */
void muxd_buid(const struct muxd *muxd, char out[37])
{
    char path[PATH_MAX], *text = NULL;
    size_t len = 0;
    lethe_text_format(path, sizeof(path), "%s/SystemBUID", muxd->records);
    if (lethe_file_read(path, 36, &text, &len, NULL) == 0 && len == 36) {
        memcpy(out, text, 37);
    } else {
        lethe_uuid7(out);
        if (lethe_dir_make(muxd->records, 0700, NULL) == 0)
            lethe_file_write(path, out, 36, 0600, NULL);
    }
    free(text);
}
