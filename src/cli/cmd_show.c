/* SPDX-License-Identifier: Apache-2.0 */
/* lethe show TARGET: everything known of one device. */
#include "cli.h"

#include "firmware.h"
#include "phone_text.h"
#include "terminal.h"

#include <base/text.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static const struct argp_option options[] = {{"json", 'j', NULL, 0, "One object", 0}, {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    return lethe_cli_parse_one(key, arg, state, state->input);
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "TARGET",
    .doc = "Show everything known of one device: a disk, an image file, a phone or a tablet.\v"
           "Examples:\n"
           "  lethe show /dev/sdb\n"
           "  lethe show /dev/disk/by-id/usb-SanDisk_Ultra-0:0 --json\n"
           "  lethe show disk.img\n"
           "  lethe show usb:2-4            the phone on that port\n"
           "  lethe show phone:R58M12ABCDE  the same by its serial number"};

static void print_device(const struct lethe_device *device)
{
    const struct lethe_identity *id = &device->identity;
    char size[32];
    lethe_size_format(size, sizeof size, id->capacity);
    printf("%-12s %s\n", "target", device->target);
    if (device->slot[0])
        printf("%-12s %s\n", "slot", device->slot);
    if (id->vendor[0])
        printf("%-12s %s\n", "vendor", id->vendor);
    if (id->model[0])
        printf("%-12s %s\n", "model", id->model);
    if (id->firmware[0])
        printf("%-12s %s\n", "firmware", id->firmware);
    printf("%-12s %s, %s\n", "bus", lethe_bus_name(id->bus), lethe_device_class_name(id->class_));
    if (id->bridge[0])
        printf("%-12s %s\n", "bridge", id->bridge);
    for (size_t i = 0; i < id->n_identifiers; i++)
        printf("%-12s %s (from %s)\n", lethe_id_kind_name(id->identifiers[i].kind),
               id->identifiers[i].value, lethe_id_source_name(id->identifiers[i].source));
    bool phone = lethe_phone_shown(device->facts) || lethe_class_is_phone(id->class_);
    if (!phone) {
        printf("%-12s %s (%" PRIu64 " bytes)\n", "size", size, id->capacity);
        printf("%-12s %u logical, %u physical\n", "sectors", id->logical_block, id->physical_block);
    }
    printf("%-12s %s\n", "media", lethe_media_name(id->media));
    printf("%-12s %s: %s\n", "substrate", lethe_substrate_name(id->substrate),
           device->substrate_reason);
    size_t width, rows;
    lethe_terminal_size(STDOUT_FILENO, &width, &rows);
    if (lethe_phone_shown(device->facts))
        lethe_phone_print(device->facts, width, stdout);
    else
        lethe_firmware_print(device->facts, stdout);
    for (size_t i = 0; i < device->n_uses; i++) {
        const struct lethe_use *use = &device->uses[i];
        printf("%-12s %s\n", "in use", use->what);
        if (use->never)
            printf("%-12s never erased\n", "");
        else if (use->release[0])
            printf("%-12s release: %s\n", "", use->release);
    }
    if (device->n_uses == 0)
        printf("%-12s no\n", "in use");
}

int lethe_cmd_show(struct lethe_cli *cli, int argc, char **argv)
{
    struct lethe_cli_one o = {0};
    struct lethe_error err = {0};
    struct lethe_device device = {0};
    lethe_cli_parse(&argp, argc, argv, &o);
    if (lethe_cli_target(cli, o.target, &device, &err) < 0)
        return lethe_cli_fail(cli, &err);
    struct lethe_device *one = &device;
    if (lethe_cli_probe(cli, &one, 1, &err) < 0)
        return lethe_cli_fail(cli, &err);
    if (o.json)
        lethe_cli_print_json(lethe_device_to_json(&device));
    else
        print_device(&device);
    lethe_device_clear(&device);
    return 0;
}
