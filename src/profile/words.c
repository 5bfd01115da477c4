/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/words.h"

#include <lethe/policy.h>
#include <string.h>

const cyaml_strval_t lethe_technique_kind_words[4] = {{"overwrite", LETHE_KIND_OVERWRITE},
                                                      {"block-erase", LETHE_KIND_BLOCK_ERASE},
                                                      {"crypto-erase", LETHE_KIND_CRYPTO_ERASE},
                                                      {"reset", LETHE_KIND_RESET}};
const cyaml_strval_t lethe_verify_mode_words[4] = {{"none", LETHE_VERIFY_NONE},
                                                   {"full", LETHE_VERIFY_FULL},
                                                   {"confidence", LETHE_VERIFY_CONFIDENCE},
                                                   {"strata", LETHE_VERIFY_STRATA}};

static const char *word_name(const cyaml_strval_t words[4], int64_t value)
{
    for (size_t i = 0; i < 4; i++)
        if (words[i].val == value)
            return words[i].str;
    return "?";
}

static int word_parse(const cyaml_strval_t words[4], const char *spelling)
{
    for (size_t i = 0; i < 4; i++)
        if (strcmp(words[i].str, spelling) == 0)
            return (int)words[i].val;
    return -1;
}

const char *lethe_technique_kind_name(enum lethe_technique_kind kind)
{
    return word_name(lethe_technique_kind_words, kind);
}

int lethe_technique_kind_parse(const char *spelling)
{
    return word_parse(lethe_technique_kind_words, spelling);
}

const char *lethe_verify_mode_name(enum lethe_verify_mode mode)
{
    return word_name(lethe_verify_mode_words, mode);
}

int lethe_verify_mode_parse(const char *spelling)
{
    return word_parse(lethe_verify_mode_words, spelling);
}
