/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/sysfs.h"
#include "base/file.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* An attribute is at most a page; the binary ones (VPD) are up to 64 KiB by their length field. */
enum { SYS_MAX = 65536 + 4 };

/* The whole attribute, to be freed; NULL when it isn't there. */
__attribute__((format(printf, 2, 0))) static char *sys_load(size_t *len, const char *format,
                                                            va_list args)
{
    char path[PATH_MAX], *data = NULL;
    int n = vsnprintf(path, sizeof path, format, args);
    if (n < 0 || (size_t)n >= sizeof path || access(path, F_OK) != 0 ||
        lethe_file_read(path, SYS_MAX, &data, len, NULL) < 0)
        return NULL;
    return data;
}

bool lethe_sys_raw(char *out, size_t size, const char *format, ...)
{
    va_list args;
    size_t len = 0;
    va_start(args, format);
    char *data = sys_load(&len, format, args);
    va_end(args);
    out[0] = '\0';
    bool ok = data && strlen(data) == len;
    if (ok) {
        if (len && data[len - 1] == '\n')
            data[--len] = '\0';
        ok = len < size;
        if (ok)
            memcpy(out, data, len + 1);
    }
    free(data);
    return ok;
}

bool lethe_sys_text(char *out, size_t size, const char *format, ...)
{
    va_list args;
    size_t len = 0;
    va_start(args, format);
    char *data = sys_load(&len, format, args);
    va_end(args);
    out[0] = '\0';
    if (data) {
        while (len && (data[len - 1] == '\n' || data[len - 1] == ' '))
            len--;
        lethe_text_clean(out, size, data, len);
    }
    free(data);
    return out[0] != '\0';
}

uint64_t lethe_sys_u64(uint64_t missing, const char *format, ...)
{
    va_list args;
    size_t len = 0;
    va_start(args, format);
    char *data = sys_load(&len, format, args), *end = NULL;
    va_end(args);
    uint64_t value = missing;
    if (data && data[0] >= '0' && data[0] <= '9') {
        bool hex = data[0] == '0' && data[1] == 'x';
        unsigned long long v = strtoull(data, &end, hex ? 16 : 10);
        if (*end == '\n' || *end == '\0')
            value = v;
    }
    free(data);
    return value;
}

size_t lethe_sys_bytes(void *out, size_t size, const char *format, ...)
{
    va_list args;
    size_t len = 0;
    va_start(args, format);
    char *data = sys_load(&len, format, args);
    va_end(args);
    if (!data || len > size)
        len = 0;
    else
        memcpy(out, data, len);
    free(data);
    return len;
}

bool lethe_sys_link(char *out, size_t size, const char *format, ...)
{
    char path[PATH_MAX], target[PATH_MAX];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(path, sizeof path, format, args);
    va_end(args);
    out[0] = '\0';
    if (n < 0 || (size_t)n >= sizeof path)
        return false;
    ssize_t len = readlink(path, target, sizeof target - 1);
    if (len <= 0)
        return false;
    target[len] = '\0';
    const char *slash = strrchr(target, '/');
    return lethe_text_format(out, size, "%s", slash ? slash + 1 : target);
}

bool lethe_sys_exists(const char *format, ...)
{
    char path[PATH_MAX];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(path, sizeof path, format, args);
    va_end(args);
    return n >= 0 && (size_t)n < sizeof path && access(path, F_OK) == 0;
}

const char *lethe_number_parse(const char *text, int base, unsigned *out)
{
    char *end;
    if (!isxdigit((unsigned char)text[0])) /* no sign, no space */
        return NULL;
    errno = 0;
    unsigned long value = strtoul(text, &end, base);
    if (errno || end == text || value > UINT_MAX)
        return NULL;
    *out = (unsigned)value;
    return end;
}

dev_t lethe_dev_parse(const char *text)
{
    unsigned maj, min;
    const char *rest = lethe_number_parse(text, 10, &maj);
    return rest && *rest == ':' && lethe_number_parse(rest + 1, 10, &min) ? makedev(maj, min) : 0;
}

dev_t lethe_sys_dev(const char *format, ...)
{
    va_list args;
    size_t len = 0;
    va_start(args, format);
    char *data = sys_load(&len, format, args);
    va_end(args);
    dev_t number = data ? lethe_dev_parse(data) : 0;
    free(data);
    return number;
}
