/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from outside: what is taken must come back from its canonical text as the same. */
#include "base/json.h"

#include <lethe/identity.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_error err;
    json_t *json = lethe_json_load((const char *)data, size, 65536, &err);
    if (!json)
        return 0;
    char *text = lethe_json_canonical(json);
    json_t *again = lethe_json_load(text, strlen(text), 1 << 20, &err);
    char *text_again = again ? lethe_json_canonical(again) : NULL;
    if (!again || !json_equal(json, again) || strcmp(text, text_again) != 0)
        abort();
    struct lethe_identity id;
    lethe_identity_from_json(json, &id, &err);
    free(text);
    free(text_again);
    json_decref(again);
    json_decref(json);
    return 0;
}
