/* SPDX-License-Identifier: Apache-2.0 */
#include "sizeless.h"

#include <base/text.h>
#include <base/time.h>
#include <stdio.h>
#include <time.h>

#define LOOK_MS 1000    /* a process for each look */
#define SETTLE_MS 10000 /* of kernel and udev, once it was told to look */
#define TELL_PERCENT 10

static void look_later(void)
{
    struct timespec pause = {.tv_sec = LOOK_MS / 1000, .tv_nsec = LOOK_MS % 1000 * 1000000L};
    nanosleep(&pause, NULL);
}

static void tell(const struct lethe_device *device, const char *job, unsigned percent, bool json)
{
    if (json)
        lethe_cli_print_line(json_pack(
            "{s:s, s:s, s:s, s:s, s:i}", "type", "waiting", "target", device->target, "job", job,
            "reason", "it still sanitises; its size will be known after", "percent", (int)percent));
    else
        fprintf(stderr,
                "lethe: %s (job %.13s) still sanitises, at %u %%; its size will be known after. "
                "Waiting; Ctrl-C leaves the job open\n",
                device->target, job, percent);
}

static int wait_for_end(struct lethe_cli *cli, struct lethe_device *device, const char *job,
                        bool json, struct lethe_error *err)
{
    unsigned told = UINT_MAX;
    for (;; look_later()) {
        int rc = lethe_cli_probe(cli, &device, 1, err);
        if (rc < 0)
            return rc;
        if (!device->facts || device->facts->protocol == LETHE_PROTOCOL_NONE) {
            lethe_fail(err, LETHE_E_REFUSED, "%s tells neither its size nor what it does%s%s",
                       device->target, device->facts && device->facts->obstacle[0] ? ": " : "",
                       device->facts ? device->facts->obstacle : "");
            lethe_error_effect(err, "it is NOT known to be sanitised; the job stays open");
            lethe_error_remedy(err, "power it off and on, then: lethe resume %.13s", job);
            return -LETHE_E_REFUSED;
        }
        if (!device->facts->sanitize.running)
            return 0;
        unsigned percent = device->facts->sanitize.progress * 100 / 65536;
        if (told == UINT_MAX || percent >= told + TELL_PERCENT || percent < told)
            tell(device, job, told = percent, json);
    }
}

/* The kernel answers at once; udev, whose word the scan hears, by and by. */
static int has_size(struct lethe_cli *cli, const struct lethe_device *device)
{
    uint64_t until = lethe_monotonic_ms() + SETTLE_MS;
    do {
        struct lethe_device now = {0};
        int rc = lethe_scan_target(&cli->env, device->target, &now, NULL);
        bool sized = rc >= 0 && now.identity.capacity > 0;
        lethe_device_clear(&now);
        if (sized)
            return 1;
        look_later();
    } while (lethe_monotonic_ms() < until);
    return 0;
}

int lethe_sizeless_wait(struct lethe_cli *cli, struct lethe_device *device, const char *job,
                        bool json, struct lethe_error *err)
{
    int rc = wait_for_end(cli, device, job, json, err);
    if (rc < 0)
        return rc;
    rc = lethe_scan_rescan(&cli->env, device, err);
    if (rc < 0) {
        char command[256];
        lethe_text_format(command, sizeof command, "%s", err->remedy);
        lethe_error_effect(err,
                           "%s tells its size again, and the kernel still has none for it; "
                           "the job stays open",
                           device->target);
        lethe_error_remedy(err, "%s; then: lethe resume %.13s", command, job);
        return rc;
    }
    if (has_size(cli, device))
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "%s does not sanitise any more, and tells no size",
               device->target);
    lethe_error_effect(err, "it is NOT known to be sanitised; the job stays open");
    lethe_error_remedy(err, "power it off and on, then: lethe resume %.13s", job);
    return -LETHE_E_REFUSED;
}
