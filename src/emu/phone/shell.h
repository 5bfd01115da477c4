/* SPDX-License-Identifier: Apache-2.0 */
/* The phone's shell: enough of one for fixed command lines. */
#ifndef LETHE_EMU_PHONE_SHELL_H
#define LETHE_EMU_PHONE_SHELL_H

#include "base/buf.h"
#include "emu/phone/phone_usb.h"

#define SHELL_WORDS 24

struct shell {
    struct phone_engine *engine;
    struct lethe_buf out, err;
    bool hangs; /* it never answers */
};
struct shell_words {
    size_t n;
    const char *at[SHELL_WORDS];
};
/* A command's exit status. */
typedef int shell_command_fn(struct shell *shell, const struct shell_words *words);
/* LINE: words, quotes, ";", "&&", "||", and redirections to nothing. Its exit status; 127: there is
 * no such command. */
int shell_run(struct shell *shell, const char *line);
/* "--brief" and the like are there? */
bool shell_has(const struct shell_words *words, const char *word);
const char *shell_after(const struct shell_words *words, const char *option); /* or NULL */

struct shell_command {
    const char *name;
    shell_command_fn *run;
};
/* Each ended by {NULL, NULL}. */
extern const struct shell_command shell_system[], shell_dump[], shell_files[];

#endif
