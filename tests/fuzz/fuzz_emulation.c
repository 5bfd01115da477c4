/* SPDX-License-Identifier: Apache-2.0 */
/* Emulation files as text, and the faults inside as their own JSON. Makes and opens no file. */
#include "base/json.h"
#include "emu/emulation.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_error err;
    struct emulated emulated;
    json_t *configs;
    if (emulation_parse("fuzz.yaml", "/", (const char *)data, size, &configs, &err) == 0) {
        for (size_t i = 0; i < json_array_size(configs); i++)
            emulated_from_config(json_array_get(configs, i), &emulated, &err);
        json_decref(configs);
    }
    json_t *config = lethe_json_load((const char *)data, size, 65536, &err);
    if (config)
        emulated_from_config(config, &emulated, &err);
    json_decref(config);
    return 0;
}
