/* SPDX-License-Identifier: Apache-2.0 */
#include <lethe/device.h>

#include <stdlib.h>
#include <string.h>

void lethe_device_clear(struct lethe_device *device)
{
    free(device->uses);
    json_decref(device->config);
    free(device->facts);
    memset(device, 0, sizeof *device);
}

void lethe_device_list_clear(struct lethe_device_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        lethe_device_clear(&list->devices[i]);
    free(list->devices);
    *list = (struct lethe_device_list){0};
}

int lethe_device_copy(const struct lethe_device *from, struct lethe_device *to)
{
    *to = *from;
    to->uses = NULL;
    to->config = NULL;
    to->facts = NULL;
    if (from->n_uses) {
        to->uses = calloc(from->n_uses, sizeof *to->uses);
        if (!to->uses)
            goto failed;
        memcpy(to->uses, from->uses, from->n_uses * sizeof *to->uses);
    }
    if (from->config && !(to->config = json_deep_copy(from->config)))
        goto failed;
    if (from->facts) {
        to->facts = malloc(sizeof *to->facts);
        if (!to->facts)
            goto failed;
        *to->facts = *from->facts;
    }
    return 0;
failed:
    lethe_device_clear(to);
    return -LETHE_E_INTERNAL;
}

int lethe_device_refuse(const struct lethe_device *device, struct lethe_error *err)
{
    if (device->n_uses == 0)
        return 0;
    /* What nobody may release comes first; else the topmost, whose command goes first. */
    const struct lethe_use *use = &device->uses[0];
    for (size_t i = device->n_uses; i-- > 0;)
        if (device->uses[i].never && (!use->never || !device->uses[i].release[0]))
            use = &device->uses[i];
    char more[48] = "";
    if (device->n_uses > 1)
        snprintf(more, sizeof more, " (and %zu more)", device->n_uses - 1);
    int rc =
        lethe_fail(err, use->never ? LETHE_E_REFUSED : LETHE_E_BUSY, "%.255s%s", use->what, more);
    lethe_error_effect(err, "nothing was sent to %.128s", device->target);
    if (use->never && !use->release[0])
        lethe_error_remedy(err, "no flag overrides this: the system or Lethe itself needs it; "
                                "attach the drive to another machine, or boot from another medium");
    else if (use->release[0])
        lethe_error_remedy(err, "%s", use->release);
    else
        lethe_error_remedy(err, "release it, then look again with: lethe list");
    return rc;
}

static json_t *uses_to_json(const struct lethe_device *device)
{
    json_t *uses = json_array();
    for (size_t i = 0; uses && i < device->n_uses; i++) {
        const struct lethe_use *use = &device->uses[i];
        json_array_append_new(uses, json_pack("{s:s, s:s, s:s, s:b}", "kind", use->kind, "what",
                                              use->what, "release", use->release, "never",
                                              (int)use->never));
    }
    return uses;
}

json_t *lethe_device_to_json(const struct lethe_device *device)
{
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "target", device->target, "slot", device->slot,
        "driver", device->driver, "substrate", lethe_substrate_name(device->identity.substrate),
        "substrate_reason", device->substrate_reason, "identity",
        lethe_identity_to_json(&device->identity), "in_use", uses_to_json(device));
    if (json && device->facts)
        json_object_set_new(json, "firmware", lethe_facts_to_json(device->facts));
    return json;
}
