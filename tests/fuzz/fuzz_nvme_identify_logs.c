/* SPDX-License-Identifier: Apache-2.0 */
/* Identify structures, lists, logs and a bridge's completion. */
#include "base/text.h"
#include "proto/nvme_bridge.h"
#include "proto/smart.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct lethe_nvme_controller able = {.format = true, .format_crypto = true};
    struct lethe_nvme_controller controller;
    struct lethe_nvme_namespace ns;
    struct lethe_nvme_descriptors descriptors;
    struct lethe_sanitize_status status;
    struct lethe_nvme_admin command;
    struct lethe_health health = {0};
    uint32_t list[8], dw0;
    uint16_t controllers[8], code;
    if (lethe_nvme_controller_parse(data, size, &controller, NULL) == 0 &&
        (!lethe_text_is_clean(controller.serial) || !lethe_text_is_clean(controller.model) ||
         !lethe_text_is_clean(controller.subnqn)))
        abort();
    if (lethe_nvme_namespace_parse(data, size, &ns, NULL) == 0) {
        if (ns.size != 0 && ns.block < 512)
            abort();
        if (lethe_nvme_cmd_format(&able, &ns, 1, size & 1, &command, NULL) == 0 &&
            (command.cdw10 >> 9 & 7) == 0)
            abort();
    }
    lethe_nvme_list_parse(data, size, list, 8, NULL);
    lethe_nvme_controllers_parse(data, size, controllers, 8, NULL);
    lethe_nvme_descriptors_parse(data, size, &descriptors, NULL);
    if (lethe_nvme_sanitize_log_parse(data, size, &status, NULL) == 0 &&
        status.state == LETHE_SANITIZE_SUCCEEDED && (data[2] & 7) != 1 && (data[2] & 7) != 4)
        abort();
    lethe_health_add_nvme(&health, data, size, NULL);
    if (lethe_nvme_bridge_completion(data, size, &code, &dw0, NULL) < 0 && code == 0)
        abort();
    return 0;
}
