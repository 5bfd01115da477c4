/* SPDX-License-Identifier: Apache-2.0 */
#include "base/yaml.h"

#include "base/text.h"
#include "base/yaml_scan.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What libcyaml says while it refuses: the reason, then where, innermost first:
 *   Load: Unexpected key: foo
 *   Load: Backtrace:
 *     in mapping (line: 1, column: 5)
 *     in sequence entry '2' (line: 8, column: 4)
 *     in mapping field 'passes' (line: 5, column: 2)
 * Its lines are those of the parser's last event; the names are right, so we look up the lines. */
struct complaint {
    char what[160];
    struct place {
        char field[64]; /* of a mapping, or "" */
        size_t entry;   /* of a sequence, from 1; 0 before the first */
    } places[LETHE_YAML_DEPTH_MAX];
    size_t n;
};

static void complaint_add(struct complaint *to, const char *line)
{
    struct place place = {0};
    if (!to->what[0]) {
        lethe_text_clean(to->what, sizeof(to->what), line, strcspn(line, "\n"));
        return;
    }
    if (to->n >= LETHE_YAML_DEPTH_MAX)
        return;
    static const char field[] = "in mapping field '", entry[] = "in sequence entry '";
    const char *at = line + strspn(line, " ");
    if (strncmp(at, field, strlen(field)) == 0) {
        at += strlen(field);
        lethe_text_clean(place.field, sizeof(place.field), at, strcspn(at, "'"));
    } else if (strncmp(at, entry, strlen(entry)) == 0) {
        place.entry = strtoul(at + strlen(entry), NULL, 10);
    } else {
        return;
    }
    to->places[to->n++] = place;
}

__attribute__((format(printf, 3, 0))) static void complaint_log(cyaml_log_t level, void *ctx,
                                                                const char *format, va_list args)
{
    char line[512];
    (void)level;
    vsnprintf(line, sizeof(line), format, args);
    complaint_add(ctx, strncmp(line, "Load: ", 6) == 0 ? line + 6 : line);
}

/* The line that the complaint is about. */
static size_t complaint_line(const struct complaint *complaint, const struct lethe_yaml_scan *scan)
{
    static const char unexpected[] = "Unexpected key: ", missing[] = "Missing required";
    size_t node = 0, first = 0;
    /* A missing field has no line: its mapping has. The innermost field is just the last read. */
    if (strncmp(complaint->what, missing, strlen(missing)) == 0 && complaint->n > 0 &&
        complaint->places[0].field[0])
        first = 1;
    for (size_t i = complaint->n; i > first; i--) {
        const struct place *place = &complaint->places[i - 1];
        const char *field = place->field[0] ? place->field : NULL;
        size_t child = lethe_yaml_scan_child(scan, node, field, place->entry - 1);
        if (child == 0)
            return scan->nodes[node].line;
        node = child;
    }
    if (strncmp(complaint->what, unexpected, strlen(unexpected)) == 0) {
        size_t child = lethe_yaml_scan_child(scan, node, complaint->what + strlen(unexpected), 0);
        node = child > 0 ? child : node;
    }
    return scan->nodes[node].line;
}

static const cyaml_config_t *config_with(cyaml_config_t *config, struct complaint *complaint)
{
    *config = (cyaml_config_t){.log_fn = complaint ? complaint_log : NULL,
                               .log_ctx = complaint,
                               .mem_fn = cyaml_mem,
                               .log_level = CYAML_LOG_ERROR,
                               .flags = CYAML_CFG_NO_ALIAS};
    return config;
}

int lethe_yaml_load(const char *name, const char *text, size_t len,
                    const cyaml_schema_value_t *schema, void **out, struct lethe_error *err)
{
    cyaml_config_t config;
    struct complaint complaint = {0};
    struct lethe_yaml_scan scan;
    *out = NULL;
    if (len > LETHE_YAML_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "%s is larger than %d KiB", name,
                          LETHE_YAML_MAX / 1024);
    int rc = lethe_yaml_scan(name, text, len, &scan, err);
    if (rc < 0)
        return rc;
    cyaml_err_t refused = cyaml_load_data((const uint8_t *)text, len,
                                          config_with(&config, &complaint), schema, out, NULL);
    if (refused != CYAML_OK)
        rc = lethe_fail(err, LETHE_E_INVALID, "%s:%zu: %s", name, complaint_line(&complaint, &scan),
                        complaint.what[0] ? complaint.what : cyaml_strerror(refused));
    else if (!*out)
        rc = lethe_fail(err, LETHE_E_INVALID, "%s:1: the file is empty", name);
    lethe_yaml_scan_free(&scan);
    return rc;
}

void lethe_yaml_free(const cyaml_schema_value_t *schema, void *data)
{
    cyaml_config_t config;
    if (data)
        cyaml_free(config_with(&config, NULL), schema, data, 0);
}
