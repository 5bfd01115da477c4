/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table for both questions: cell (i, j) says whether the first I signs of A and the first J of
 * B can stand for one text. Time is |A| x |B| whatever the signs are, where a matcher that tries
 * would take exponential time on "*a*a*a*b".
 */
#include "profile/glob.h"

#include <ctype.h>
#include <string.h>

bool lethe_glob_is_wild(const char *pattern)
{
    return strpbrk(pattern, "*?") != NULL;
}

static bool same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* B_WILD: wildcards in B are wildcards, not themselves (a device may well call itself "Disk?"). */
static bool glob_meet(const char *a, const char *b, bool b_wild)
{
    size_t n = strlen(a), m = strlen(b);
    if (n > LETHE_GLOB_MAX || m > LETHE_GLOB_MAX)
        return false;
    bool rows[2][LETHE_GLOB_MAX + 1];
    for (size_t i = 0; i <= n; i++) {
        bool *now = rows[i % 2], *before = rows[(i + 1) % 2];
        for (size_t j = 0; j <= m; j++) {
            bool a_star = i > 0 && a[i - 1] == '*';
            bool b_star = b_wild && j > 0 && b[j - 1] == '*';
            bool ok = i == 0 && j == 0;
            /* a star stands for nothing, or takes one more sign of the other side */
            ok = ok || (a_star && (before[j] || (j > 0 && now[j - 1])));
            ok = ok || (b_star && (now[j - 1] || (i > 0 && before[j])));
            if (!ok && i > 0 && j > 0 && !a_star && !b_star && before[j - 1])
                ok = a[i - 1] == '?' || (b_wild && b[j - 1] == '?') || same(a[i - 1], b[j - 1]);
            now[j] = ok;
        }
    }
    return rows[n % 2][m];
}

bool lethe_glob_match(const char *pattern, const char *text)
{
    return glob_meet(pattern, text, false);
}

bool lethe_glob_meet(const char *a, const char *b)
{
    return glob_meet(a, b, true);
}
