/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/complaint.h"

#include "base/text.h"
#include <lethe/error.h>
#include <stdarg.h>
#include <stdio.h>

int lethe_complain(struct lethe_complaint *out, const char *code, const char *format, ...)
{
    char text[sizeof(out->text)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    lethe_text_clean(out->text, sizeof(out->text), text, sizeof(text));
    lethe_text_format(out->code, sizeof(out->code), "%s", code);
    return -LETHE_E_INVALID;
}
