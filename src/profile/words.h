/* SPDX-License-Identifier: Apache-2.0 */
/* Spellings of what only policies say: one table for the schema, names and parsing. */
#ifndef LETHE_PROFILE_WORDS_H
#define LETHE_PROFILE_WORDS_H

#include <cyaml/cyaml.h>

extern const cyaml_strval_t lethe_technique_kind_words[4];
extern const cyaml_strval_t lethe_verify_mode_words[4];

#endif
