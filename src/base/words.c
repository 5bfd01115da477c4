/* SPDX-License-Identifier: Apache-2.0 */
#include <lethe/words.h>
#include <stddef.h>
#include <string.h>

static const char *word_name(const char *const *words, size_t n, unsigned value)
{
    return value < n ? words[value] : "?"; /* "?" is nobody's spelling: it parses to -1 */
}

static int word_parse(const char *const *words, size_t n, const char *spelling)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(words[i], spelling) == 0)
            return (int)i;
    return -1;
}

#define WORD_SPELLING(symbol, spelling) [LETHE_##symbol] = spelling,
#define WORD_TABLE(noun, LIST)                                                                     \
    static const char *const noun##_words[] = {LIST(WORD_SPELLING)};                               \
    const char *lethe_##noun##_name(enum lethe_##noun value)                                       \
    {                                                                                              \
        return word_name(noun##_words, sizeof(noun##_words) / sizeof(noun##_words[0]),             \
                         (unsigned)value);                                                         \
    }                                                                                              \
    int lethe_##noun##_parse(const char *spelling)                                                 \
    {                                                                                              \
        return word_parse(noun##_words, sizeof(noun##_words) / sizeof(noun##_words[0]), spelling); \
    }

WORD_TABLE(method, LETHE_METHODS)
WORD_TABLE(substrate, LETHE_SUBSTRATES)
WORD_TABLE(outcome, LETHE_OUTCOMES)
WORD_TABLE(media, LETHE_MEDIAS)
WORD_TABLE(test_status, LETHE_TEST_STATUSES)
WORD_TABLE(id_kind, LETHE_ID_KINDS)
WORD_TABLE(id_source, LETHE_ID_SOURCES)
WORD_TABLE(device_class, LETHE_DEVICE_CLASSES)
WORD_TABLE(bus, LETHE_BUSES)

bool lethe_media_takes(enum lethe_media media, const char *kind)
{
    return media != LETHE_MEDIA_MAGNETIC || strcmp(kind, "block-erase") != 0;
}

int lethe_outcome_exit(enum lethe_outcome outcome)
{
    switch (outcome) {
    case LETHE_OUTCOME_PASSED:
        return 0;
    case LETHE_OUTCOME_REFUSED:
        return 3;
    case LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS:
        return 4;
    case LETHE_OUTCOME_FAILED:
        return 5;
    case LETHE_OUTCOME_INDETERMINATE:
        return 6;
    case LETHE_OUTCOME_ABORTED:
        return 7;
    case LETHE_OUTCOME_OPERATOR_ATTESTED:
        return 8;
    case LETHE_OUTCOME_NONE:
        break;
    }
    return 1;
}

int lethe_exit_worst(int a, int b)
{
    static const int worst_first[] = {1, 5, 6, 7, 3, 8, 4, 0};
    size_t n = sizeof(worst_first) / sizeof(worst_first[0]);
    size_t rank_a = 0, rank_b = 0; /* what is not in the list, 2 among it, counts as 1 */
    for (size_t i = 0; i < n; i++) {
        if (worst_first[i] == a)
            rank_a = i;
        if (worst_first[i] == b)
            rank_b = i;
    }
    return worst_first[rank_a < rank_b ? rank_a : rank_b];
}
