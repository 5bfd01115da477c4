/* SPDX-License-Identifier: Apache-2.0 */
/* The `controller` of a device as YAML has it. */
#ifndef LETHE_EMU_CONTROLLER_YAML_H
#define LETHE_EMU_CONTROLLER_YAML_H

#include "base/yaml.h"
#include <jansson.h>

struct yaml_lie {
    char *kind, *of, *at, *size, *area, *serial;
    uint64_t *times, *milliseconds;
};
struct yaml_health {
    uint64_t *reallocated, *pending, *uncorrectable, *hours, *life_used;
    char *failed;
};
struct yaml_controller {
    char *kind, *bridge, *usb, *hpa, *dco, *unallocated, *zone, *spare, *boot, *password, *psid;
    uint64_t *sector, *milliseconds, *conventional;
    char **features, **namespaces, **gp;
    uint32_t features_count, namespaces_count, gp_count;
    struct yaml_health *health;
    struct yaml_lie *faults;
    uint32_t faults_count;
};

extern const cyaml_schema_field_t yaml_controller_fields[];
/* For controller_parse(), where it is checked; NULL when memory ran out or text is no UTF-8. */
json_t *yaml_controller_to_json(const struct yaml_controller *from);

#endif
