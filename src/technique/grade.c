/* SPDX-License-Identifier: Apache-2.0 */
#include <lethe/technique.h>
#include <string.h>

static const char *const words[] = {[LETHE_GRADE_DENIED] = "denied",
                                    [LETHE_GRADE_NONE] = "none",
                                    [LETHE_GRADE_ATTESTED] = "attested",
                                    [LETHE_GRADE_STATE] = "state"};
#define WORDS (int)(sizeof(words) / sizeof(words[0]))

const char *lethe_grade_name(enum lethe_grade grade)
{
    return (int)grade >= 0 && (int)grade < WORDS ? words[grade] : "?";
}

int lethe_grade_parse(const char *spelling)
{
    for (int i = 0; i < WORDS; i++)
        if (strcmp(words[i], spelling) == 0)
            return i;
    return -1;
}
