/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <lethe/error.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Format into a field. By way of a copy, because callers wrap an error in itself:
 * lethe_fail(err, code, "%s: %s", path, err->what). A cut never leaves half a character. */
__attribute__((format(printf, 3, 0))) static void error_vset(char *field, size_t size,
                                                             const char *format, va_list args)
{
    char text[512];
    vsnprintf(text, sizeof(text), format, args);
    size_t len = strnlen(text, sizeof(text));
    if (len >= size) {
        len = size - 1;
        while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
            len--;
    }
    memcpy(field, text, len);
    field[len] = '\0';
}

int lethe_fail(struct lethe_error *err, enum lethe_error_code code, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        error_vset(err->what, sizeof(err->what), format, args);
        va_end(args);
        err->code = code;
        err->effect[0] = err->remedy[0] = '\0';
    }
    return -(int)code;
}

static enum lethe_error_code errno_code(int errnum)
{
    switch (errnum) {
    case ENOENT:
        return LETHE_E_NOT_FOUND;
    case EBUSY:
        return LETHE_E_BUSY;
    case ENODEV:
    case ENXIO:
        return LETHE_E_GONE;
    default:
        return LETHE_E_IO;
    }
}

int lethe_fail_errno(struct lethe_error *err, int errnum, const char *format, ...)
{
    enum lethe_error_code code = errno_code(errnum);
    char text[sizeof(err->what) - 64]; /* however long a path is, the reason stays readable */
    va_list args;
    va_start(args, format);
    error_vset(text, sizeof(text), format, args);
    va_end(args);
    return lethe_fail(err, code, "%s: %s", text, strerror(errnum));
}

void lethe_error_effect(struct lethe_error *err, const char *format, ...)
{
    if (!err)
        return;
    va_list args;
    va_start(args, format);
    error_vset(err->effect, sizeof(err->effect), format, args);
    va_end(args);
}

void lethe_error_remedy(struct lethe_error *err, const char *format, ...)
{
    if (!err)
        return;
    va_list args;
    va_start(args, format);
    error_vset(err->remedy, sizeof(err->remedy), format, args);
    va_end(args);
}

const char *lethe_error_code_name(enum lethe_error_code code)
{
    static const char *const names[] = {
        [LETHE_E_INTERNAL] = "internal",   [LETHE_E_USAGE] = "usage",
        [LETHE_E_INVALID] = "invalid",     [LETHE_E_IO] = "io",
        [LETHE_E_NOT_FOUND] = "not-found", [LETHE_E_BUSY] = "busy",
        [LETHE_E_REFUSED] = "refused",     [LETHE_E_UNSUPPORTED] = "unsupported",
        [LETHE_E_CHANGED] = "changed",     [LETHE_E_GONE] = "gone",
        [LETHE_E_TIMEOUT] = "timeout",     [LETHE_E_LIMIT] = "limit",
        [LETHE_E_UNTRUSTED] = "untrusted", [LETHE_E_CANCELLED] = "cancelled",
        [LETHE_E_UNPROVED] = "unproved",   [LETHE_E_UNREACHED] = "unreached",
    };
    size_t i = (size_t)code;
    return i < sizeof(names) / sizeof(names[0]) && names[i] ? names[i] : "internal";
}
