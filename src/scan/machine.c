/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this machine is real. The processor's own word first (CPUID leaf 1, ECX bit 31, which
 * Linux prints as the flag "hypervisor"), then the firmware's tables: a hypervisor may hide the
 * first, and other architectures have no such flag. */
#include "base/file.h"
#include "base/text.h"
#include "scan/chain.h"
#include "scan/sysfs.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* "vendor product" of DMI, or model and compatible of the device tree, as hypervisors write them.
 */
static const char *const virtual_machines[] = {
    "QEMU*",
    "*KVM*",
    "VMware*",
    "innotek*",
    "*VirtualBox*",
    "Xen*",
    "Amazon EC2*",
    "*Google Compute Engine*",
    "*Virtual Machine*",
    "*Virtual Platform*",
    "Parallels*",
    "Bochs*",
    "*[Bb][Hh][Yy][Vv][Ee]*",
    "Red Hat*",
    "*OpenStack*",
    "Alibaba Cloud*",
    "Tencent Cloud*",
    "*Huawei Cloud*",
    "DigitalOcean*",
    "Hetzner*",
    "Nutanix*",
    "*Apple Virtualization*",
    "*linux,dummy-virt*",
    "cloud-hypervisor*",
    "Firecracker*",
    "*crosvm*",
    "Scaleway*",
    "Vultr*",
    "Linode*",
};

/* 1 the flag is there, 0 it isn't, -1 the processor tells nothing of the kind. */
static int cpu_hypervisor(const char *cpuinfo)
{
    if (strstr(cpuinfo, "User Mode Linux"))
        return 1;
    /* All processors of a machine agree: the first line of flags is enough. */
    const char *line = strstr(cpuinfo, "\nflags");
    if (!line)
        return strstr(cpuinfo, "\nFeatures") ? 0 : -1;
    const char *end = strchrnul(line + 1, '\n');
    static const char word[] = " hypervisor";
    for (const char *at = line; (at = strstr(at, word)) && at < end; at++)
        if (strchr(" \n", at[sizeof word - 1]))
            return 1;
    return 0;
}

static bool firmware(const struct lethe_scan_env *env, char *out, size_t size)
{
    char vendor[64], product[64];
    if (lethe_sys_text(vendor, sizeof vendor, "%s/class/dmi/id/sys_vendor", env->sys)) {
        lethe_sys_text(product, sizeof product, "%s/class/dmi/id/product_name", env->sys);
        return lethe_text_format(out, size, "%s %s", vendor, product);
    }
    char tree[128] = "";
    size_t n =
        lethe_sys_bytes(tree, sizeof tree - 1, "%s/firmware/devicetree/base/compatible", env->sys);
    lethe_text_clean(out, size, tree, strnlen(tree, n));
    return out[0] != '\0';
}

void lethe_machine_read(const struct lethe_scan_env *env, struct lethe_machine *out)
{
    char path[PATH_MAX], name[160], *cpuinfo = NULL;
    size_t len = 0;
    *out = (struct lethe_machine){.real = false};
    int flag = -1;
    if (lethe_text_format(path, sizeof path, "%s/cpuinfo", env->proc) &&
        lethe_file_read(path, 64U << 20, &cpuinfo, &len, NULL) == 0)
        flag = cpu_hypervisor(cpuinfo);
    free(cpuinfo);

    if (flag > 0) {
        lethe_text_format(out->reason, sizeof out->reason,
                          "inside a virtual machine: the processor reports a hypervisor");
    } else if (lethe_sys_exists("%s/hypervisor/type", env->sys) ||
               lethe_sys_exists("%s/firmware/devicetree/base/hypervisor", env->sys)) {
        lethe_text_format(out->reason, sizeof out->reason,
                          "inside a virtual machine: the kernel runs under a hypervisor");
    } else if (flag < 0) {
        lethe_text_format(out->reason, sizeof out->reason,
                          "maybe inside a virtual machine: the processor doesn't tell");
    } else if (!firmware(env, name, sizeof name)) {
        lethe_text_format(out->reason, sizeof out->reason,
                          "maybe inside a virtual machine: there are no firmware tables");
    } else {
        for (size_t i = 0; i < sizeof virtual_machines / sizeof *virtual_machines; i++)
            if (fnmatch(virtual_machines[i], name, 0) == 0) {
                lethe_text_format(out->reason, sizeof out->reason,
                                  "inside a virtual machine: the firmware says %.60s", name);
                return;
            }
        out->real = true;
    }
}
