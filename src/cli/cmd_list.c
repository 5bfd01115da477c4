/* SPDX-License-Identifier: Apache-2.0 */
/* lethe list: what is attached, in slots, and who is using it. */
#include "cli.h"
#include "firmware.h"
#include "phone_text.h"
#include "table.h"

#include <base/json.h>
#include <base/text.h>
#include <errno.h>
#include <lethe/station.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    bool json, watch;
};

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "One array of devices; with --watch one object a line", 0},
    {"watch", 'w', NULL, 0, "Go on: tell what is plugged in and pulled out", 0},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case 'j':
        o->json = true;
        return 0;
    case 'w':
        o->watch = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected '%s'", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .doc =
        "List the devices that are attached, and who is using them.\v"
        "Examples:\n"
        "  lethe list\n"
        "  lethe list --json | jq -r '.[] | select(.in_use == []) | .target'\n"
        "  lethe list --watch --json\n"
        "\n"
        "Phones and tablets are named by their port (usb:2-4) or serial number; what they say of "
        "themselves, which locks they have, and what to do is shown below each.\n"
        "\n"
        "While it watches, an iPhone or iPad is asked as soon as usbmuxd lists it; any other phone "
        "that comes is told by what its port shows.\n"
        "\n"
        "A device in use is never erased; the command that would release it is shown below it. "
        "SUBSTRATE tells what it really is: physical, virtual, image or emulated."};

static const char *first_of(const struct lethe_identity *identity, const enum lethe_id_kind *kinds,
                            size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct lethe_identifier *id = lethe_identity_find(identity, kinds[i]);
        if (id)
            return id->value;
    }
    return "-";
}

static void add_notes(struct lethe_table *table, const struct lethe_device *device)
{
    char note[700];
    const struct lethe_identity *identity = &device->identity;
    const struct lethe_identifier *bridge = lethe_identity_find(identity, LETHE_ID_BRIDGE_SERIAL);
    const struct lethe_identifier *wwn = lethe_identity_find(identity, LETHE_ID_WWN);
    note[0] = '\0';
    size_t len = 0;
    const char *parts[][2] = {
        {"slot ", device->slot},
        {"bridge ", identity->bridge},
        {"bridge serial ", bridge ? bridge->value : ""},
        {"wwn ", wwn ? wwn->value : ""},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i][1][0] && lethe_text_format(note + len, sizeof note - len, "%s%s%s",
                                                len ? ", " : "", parts[i][0], parts[i][1]))
            len += strlen(note + len);
    if (len)
        lethe_table_note(table, note);
    if (lethe_firmware_summary(device->facts, note, sizeof note))
        lethe_table_text(table, note);
    for (size_t i = 0; i < device->n_uses; i++) {
        const struct lethe_use *use = &device->uses[i];
        lethe_text_format(note, sizeof note, "in use: %s; %s%s", use->what,
                          use->never        ? "never erased"
                          : use->release[0] ? "release: "
                                            : "nothing known releases it",
                          use->never ? "" : use->release);
        lethe_table_note(table, note);
    }
}

static void print_table(const struct lethe_device_list *list)
{
    struct lethe_table table = {
        .n_columns = 8,
        .titles = {"TARGET", "BUS", "MODEL", "SERIAL", "SIZE", "SECTOR", "MEDIA", "SUBSTRATE"}};
    static const enum lethe_id_kind kinds[] = {LETHE_ID_SERIAL, LETHE_ID_UDID, LETHE_ID_WWN,
                                               LETHE_ID_EUI64};
    for (size_t i = 0; i < list->n; i++) {
        const struct lethe_device *device = &list->devices[i];
        const struct lethe_identity *identity = &device->identity;
        char size[32], sector[32], model[192];
        bool phone = lethe_phone_shown(device->facts) || lethe_class_is_phone(identity->class_);
        uint64_t bytes = phone && device->facts ? device->facts->phone.storage : identity->capacity;
        lethe_size_format(size, sizeof size, bytes);
        lethe_text_format(sector, sizeof sector, "%u/%u", identity->logical_block,
                          identity->physical_block);
        if (phone && bytes == 0)
            lethe_text_format(size, sizeof size, "-");
        if (phone)
            lethe_text_format(sector, sizeof sector, "-");
        lethe_text_format(model, sizeof model, "%s%s%s", identity->vendor,
                          identity->vendor[0] ? " " : "", identity->model);
        lethe_table_row(&table,
                        (const char *const[]){device->target, lethe_bus_name(identity->bus),
                                              model[0] ? model : "-", first_of(identity, kinds, 4),
                                              size, sector, lethe_media_name(identity->media),
                                              lethe_substrate_name(identity->substrate)});
        add_notes(&table, device);
    }
    if (list->n == 0)
        puts("No devices are attached.");
    else
        lethe_table_print(&table, stdout);
    lethe_table_clear(&table);
}

static void print_change(const char *action, const struct lethe_device *device, bool json)
{
    if (json) {
        lethe_cli_print_line(json_pack("{s:s, s:s, s:o}", "action", action, "target",
                                       device->target, "device", lethe_device_to_json(device)));
        return;
    }
    char text[700];
    lethe_cli_describe(text, sizeof text, &device->identity);
    printf("%-6s  %s  %s%s%s\n", action, device->target, text, device->slot[0] ? "  slot " : "",
           device->slot);
    if (strcmp(action, "remove") != 0 && lethe_phone_shown(device->facts) &&
        lethe_firmware_summary(device->facts, text, sizeof text))
        printf("        %s\n", text);
    fflush(stdout);
}

/* A phone was asked who it is when it came, and tells less on its port: either way round. */
static bool is_same(const struct lethe_identity *a, const struct lethe_identity *b)
{
    if (lethe_class_is_phone(a->class_) && lethe_class_is_phone(b->class_))
        return lethe_identity_within(a, b, NULL) == 0 || lethe_identity_within(b, a, NULL) == 0;
    return lethe_identity_same(a, b, NULL) == 0;
}

static struct lethe_device *find_same(const struct lethe_device_list *list,
                                      const struct lethe_device *device)
{
    for (size_t i = 0; i < list->n; i++)
        if (!strcmp(list->devices[i].target, device->target) &&
            list->devices[i].diskseq == device->diskseq &&
            is_same(&list->devices[i].identity, &device->identity))
            return &list->devices[i];
    return NULL;
}

/* usbmuxd lists an iPhone some time after it is on its port, and may end meanwhile. TOLD may have
 * been asked since; what the scan has to say of NOW is all that is compared. */
static bool changed(const struct lethe_device *told, const struct lethe_device *now)
{
    if (!told->facts || !now->facts || !lethe_phone_shown(now->facts))
        return false;
    const struct lethe_phone *was = &told->facts->phone, *is = &now->facts->phone;
    return strcmp(was->advice, is->advice) != 0 &&
           (is->advice[0] || was->access == LETHE_ACCESS_NONE);
}

/* An iPhone may be asked by several at once. Any other device that comes back may be an open job's,
 * which has to be the first to hold it: it is told as it looks. */
static int ask(struct lethe_cli *cli, struct lethe_device *device, struct lethe_error *err)
{
    bool awaited = strcmp(device->driver, "ios") != 0 && lethe_cli_look_store(cli, NULL) >= 0 &&
                   lethe_station_awaits(cli->store, device);
    return awaited ? 0 : lethe_cli_probe(cli, &device, 1, err);
}

/* Old and new scan compared, so that what is told is what `lethe list` would show, whatever order
 * the kernel's events come in. What was known of those that stayed goes into NOW. */
static int print_changes(struct lethe_cli *cli, struct lethe_device_list *before,
                         struct lethe_device_list *now, bool json, struct lethe_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < before->n; i++)
        if (!find_same(now, &before->devices[i]))
            print_change("remove", &before->devices[i], json);
    for (size_t i = 0; rc >= 0 && i < now->n; i++) {
        struct lethe_device *device = &now->devices[i], *told = find_same(before, device);
        if (told && !changed(told, device)) {
            const struct lethe_device known = *told;
            *told = *device;
            *device = known;
            continue;
        }
        rc = ask(cli, device, err);
        print_change(told ? "change" : "add", device, json);
    }
    return rc;
}

static int watch(struct lethe_cli *cli, struct lethe_watch *events, struct lethe_device_list *list,
                 bool json, struct lethe_error *err)
{
    for (;;) {
        struct pollfd poll_in = {.fd = lethe_watch_fd(events), .events = POLLIN};
        int n = poll(&poll_in, 1, -1);
        if (n < 0 && errno != EINTR)
            return lethe_fail_errno(err, errno, "waiting for hot-plug events");
        if (n <= 0)
            continue;
        char action[16], node[128];
        int rc;
        bool any = false; /* the kernel's other news wake us as well */
        while ((rc = lethe_watch_next(events, action, node, err)) > 0)
            any = true;
        if (rc < 0)
            return rc;
        if (!any)
            continue;
        struct lethe_device_list now = {0};
        rc = lethe_cli_scan(cli, &now, err);
        if (rc < 0)
            return rc;
        rc = print_changes(cli, list, &now, json, err);
        lethe_device_list_clear(list);
        *list = now;
        if (rc < 0)
            return rc;
        if (ferror(stdout))
            return 0; /* nobody is listening any more */
    }
}

int lethe_cmd_list(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {0};
    struct lethe_error err = {0};
    struct lethe_device_list list = {0};
    struct lethe_watch *events = NULL;
    lethe_cli_parse(&argp, argc, argv, &o);

    /* Events first, then the scan: what arrives between is told twice rather than never. */
    int rc = o.watch ? lethe_watch_open(&cli->env, &events, &err) : 0;
    if (rc >= 0)
        rc = lethe_cli_scan(cli, &list, &err);
    if (rc >= 0)
        rc = lethe_cli_probe_list(cli, &list, &err);
    if (rc >= 0 && o.watch) {
        for (size_t i = 0; i < list.n; i++)
            print_change("add", &list.devices[i], o.json);
        rc = watch(cli, events, &list, o.json, &err);
    } else if (rc >= 0 && o.json) {
        json_t *array = json_array();
        for (size_t i = 0; i < list.n; i++)
            json_array_append_new(array, lethe_device_to_json(&list.devices[i]));
        lethe_cli_print_json(array);
    } else if (rc >= 0) {
        print_table(&list);
    }
    if (events)
        lethe_watch_close(events);
    lethe_device_list_clear(&list);
    return rc < 0 ? lethe_cli_fail(cli, &err) : 0;
}
