/* SPDX-License-Identifier: Apache-2.0 */
/* `phone:` of an emulation file, as libcyaml reads it and as JSON. */
#ifndef LETHE_EMU_PHONE_YAML_H
#define LETHE_EMU_PHONE_YAML_H

#include <cyaml/cyaml.h>
#include <jansson.h>
#include <lethe/error.h>

#define PHONE_FAULTS_MAX 16

struct yaml_phone_fault {
    char *kind, *serial, *of;
    uint64_t *times, *after, *milliseconds;
};
struct yaml_phone {
    char *family, *personality, *mode, *storage, *contents;
    char **with;
    uint32_t with_count;
    struct yaml_phone_fault *faults;
    uint32_t faults_count;
};
extern const cyaml_schema_field_t yaml_phone_fields[];

/* The description that phone_make() takes; SERIAL may be NULL (the personality's own). */
int yaml_phone_to_json(const struct yaml_phone *from, const char *dir, const char *serial,
                       json_t **out, struct lethe_error *err);

#endif
