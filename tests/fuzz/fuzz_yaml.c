/* SPDX-License-Identifier: Apache-2.0 */
/* YAML from outside, through our scan and a schema that has every shape. */
#include "base/yaml.h"

#include <stdint.h>

struct part {
    char *name;
    unsigned size;
};

struct whole {
    char *id;
    struct part *parts;
    unsigned parts_count;
    struct part one;
    int flag;
};

static const cyaml_schema_field_t part_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct part, name, 1, 20),
    CYAML_FIELD_UINT("size", CYAML_FLAG_OPTIONAL, struct part, size),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t part_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct part, part_fields)};
static const cyaml_strval_t flags[] = {{"no", 0}, {"yes", 1}};
static const cyaml_schema_field_t whole_fields[] = {
    CYAML_FIELD_STRING_PTR("id", CYAML_FLAG_POINTER, struct whole, id, 1, 20),
    CYAML_FIELD_SEQUENCE("parts", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct whole, parts,
                         &part_schema, 0, 8),
    CYAML_FIELD_MAPPING("one", CYAML_FLAG_OPTIONAL, struct whole, one, part_fields),
    CYAML_FIELD_ENUM("flag", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct whole, flag, flags, 2),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t whole_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct whole, whole_fields)};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_error err;
    void *out;
    if (lethe_yaml_load("fuzz", (const char *)data, size, &whole_schema, &out, &err) == 0)
        lethe_yaml_free(&whole_schema, out);
    return 0;
}
