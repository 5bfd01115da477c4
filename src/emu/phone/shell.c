/* SPDX-License-Identifier: Apache-2.0 */
/* shell:COMMAND, shell,v2,raw:COMMAND and exec:COMMAND. */
#include "emu/phone/shell.h"

#include "base/text.h"
#include "emu/phone/adbd.h"
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_ ((size_t)4096)

bool shell_has(const struct shell_words *words, const char *word)
{
    for (size_t i = 1; i < words->n; i++)
        if (strcmp(words->at[i], word) == 0)
            return true;
    return false;
}

const char *shell_after(const struct shell_words *words, const char *option)
{
    for (size_t i = 1; i + 1 < words->n; i++)
        if (strcmp(words->at[i], option) == 0)
            return words->at[i + 1];
    return NULL;
}

static int run_words(struct shell *shell, const struct shell_words *words)
{
    static const struct shell_command *const tables[] = {shell_system, shell_dump, shell_files};
    if (words->n == 0)
        return 0;
    for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++)
        for (const struct shell_command *c = tables[t]; c->name; c++)
            if (strcmp(c->name, words->at[0]) == 0)
                return c->run(shell, words);
    lethe_buf_printf(&shell->err, "/system/bin/sh: %s: inaccessible or not found\n", words->at[0]);
    return 127;
}

/* The next word of *AT into *TO, unquoted; false at the end of a command. */
static bool next_word(const char **at, char **to, bool *whole)
{
    char quote = 0;
    while (**at == ' ' || **at == '\t')
        (*at)++;
    if (!**at || strchr(";&|\n", **at))
        return false;
    for (; **at && (quote || !strchr(" \t;&|\n", **at)); (*at)++) {
        if (quote && **at == quote)
            quote = 0;
        else if (!quote && (**at == '\'' || **at == '"'))
            quote = **at;
        else if (**at == '\\' && quote != '\'' && (*at)[1])
            *(*to)++ = *++*at;
        else if (**at == '&' && !quote)
            break;
        else
            *(*to)++ = **at;
    }
    *whole = !quote;
    *(*to)++ = '\0';
    return true;
}

int shell_run(struct shell *shell, const char *line)
{
    char text[LINE_MAX_ * 2];
    int status = 0;
    bool skip = false;
    if (strlen(line) >= LINE_MAX_)
        return 2;
    while (!shell->hangs) {
        struct shell_words words = {0};
        struct lethe_buf quiet = {0};
        char *to = text, *word = to;
        bool whole = true, no_err = false, no_out = false;
        for (; next_word(&line, &to, &whole) && words.n < SHELL_WORDS; word = to) {
            if (strcmp(word, "2>/dev/null") == 0)
                no_err = true;
            else if (strcmp(word, ">/dev/null") == 0)
                no_out = true;
            else if (strcmp(word, "</dev/null") != 0)
                words.at[words.n++] = word;
        }
        if (!whole) {
            lethe_buf_puts(&shell->err, "/system/bin/sh: syntax error: unexpected EOF\n");
            return 1;
        }
        if (!skip) {
            struct lethe_buf out = shell->out, err = shell->err;
            if (no_out)
                shell->out = quiet;
            if (no_err)
                shell->err = quiet;
            status = run_words(shell, &words);
            if (no_out) {
                lethe_buf_free(&shell->out);
                shell->out = out;
            }
            if (no_err) {
                lethe_buf_free(&shell->err);
                shell->err = err;
            }
        }
        if (!*line)
            return status;
        if (line[0] == '|' && line[1] != '|')
            return 2; /* no pipes */
        bool twice = line[0] != ';' && line[0] != '\n' && line[1] == line[0];
        skip = twice && (line[0] == '&') != (status == 0);
        line += twice ? 2 : 1;
    }
    return status;
}

/* -- the service ------------------------------------------------------------------------------- */

static void say(struct adb_stream *stream, enum lethe_adb_shell_id id, const void *data, size_t len)
{
    uint8_t header[LETHE_ADB_SHELL_HEADER];
    if (len == 0)
        return;
    lethe_adb_shell_build(header, id, (uint32_t)len);
    adb_write(stream, header, sizeof(header));
    adb_write(stream, data, len);
}

/* A payload that is announced and can't be. */
static void huge(struct adb *adb, const struct adb_stream *stream)
{
    uint8_t header[LETHE_ADB_HEADER];
    lethe_adb_header_build(header, LETHE_ADB_WRTE, stream->local, stream->remote, NULL, 0);
    memset(header + 12, 0xff, 4);
    phone_engine_say(&adb->base, header, sizeof(header));
}

static void answer(struct adb *adb, struct adb_stream *stream, const char *line, bool v2)
{
    struct shell shell = {.engine = &adb->base};
    if (phone_fault(&adb->base.phone, PHONE_FAULT_LENGTH_4G)) {
        huge(adb, stream);
        return;
    }
    uint8_t status = (uint8_t)shell_run(&shell, line);
    if (!shell.hangs && v2) {
        for (size_t at = 0; at < shell.out.len; at += 16384)
            say(stream, LETHE_ADB_SHELL_STDOUT, shell.out.data + at,
                shell.out.len - at < 16384 ? shell.out.len - at : 16384);
        say(stream, LETHE_ADB_SHELL_STDERR, shell.err.data, shell.err.len);
        say(stream, LETHE_ADB_SHELL_EXIT, &status, 1);
    } else if (!shell.hangs) {
        adb_write(stream, shell.out.data, shell.out.len);
        adb_write(stream, shell.err.data, shell.err.len);
    }
    if (!shell.hangs)
        adb_end(stream);
    lethe_buf_free(&shell.out);
    lethe_buf_free(&shell.err);
}

static int plain_open(struct adb *adb, struct adb_stream *stream, const char *argument)
{
    answer(adb, stream, argument, false);
    return 0;
}

/* "shell,v2,TERM=xterm,raw:getprop" */
static int options_open(struct adb *adb, struct adb_stream *stream, const char *argument)
{
    const char *colon = strchr(argument, ':');
    char options[128];
    if (!colon ||
        !lethe_text_format(options, sizeof(options), ",%.*s,", (int)(colon - argument), argument))
        return -LETHE_E_INVALID;
    answer(adb, stream, colon + 1, strstr(options, ",v2,"));
    return 0;
}

#define MODES (1u << LETHE_MODE_NORMAL | 1u << LETHE_MODE_RECOVERY)
const struct adb_service adb_service_shell[ADB_SHELLS] = {
    {.prefix = "shell:", .modes = MODES, .open = plain_open},
    {.prefix = "shell,", .modes = MODES, .open = options_open},
    {.prefix = "exec:", .modes = MODES, .open = plain_open}};
