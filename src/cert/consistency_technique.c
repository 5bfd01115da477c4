/* SPDX-License-Identifier: Apache-2.0 */
/* Could the technique do what is said of it, to such a device, by these commands? */
#include "cert/checking.h"
#include "cert/technique.h"
#include <lethe/certificate.h>
#include <stdlib.h>
#include <string.h>

/* JESD84-B51 7.4.52: what an eMMC counts in, or bytes where it is small. */
#define CARD_SECTOR 512

static const struct lethe_node *technique_of(const struct lethe_node *claims)
{
    return lethe_node_get(claims, "technique");
}

static const char *word(const struct lethe_node *item)
{
    const char *value = lethe_node_string(item);
    return value ? value : "";
}

static void check_method(struct checking *c, const struct lethe_known_technique *known, int medium)
{
    const char *name = text(technique_of(c->claims), "name");
    int method = lethe_method_parse(text(c->claims, "method"));
    int most = known && medium >= 0 ? known->most[medium] : LETHE_METHOD_PURGE;
    if (lethe_node_size(lethe_node_get(technique_of(c->claims), "passes")) > 0 &&
        most > LETHE_METHOD_CLEAR)
        most = LETHE_METHOD_CLEAR; /* SP 800-88r2 section 3.1.1: whoever writes is a host */
    if (most >= 0 && method > most)
        CONTRADICTION(c, "method",
                      "\"%.40s\" of a medium that is %s is called %s, it is %s at most", name,
                      text(lethe_node_get(c->claims, "device"), "media"),
                      lethe_method_name((enum lethe_method)method),
                      lethe_method_name((enum lethe_method)most));
}

/* Media and bus are the device's own words: what it does not have, nothing was done to. */
static void check_device(struct checking *c, const struct lethe_known_technique *known, int medium)
{
    const struct lethe_node *device = lethe_node_get(c->claims, "device");
    const char *name = text(technique_of(c->claims), "name"), *bus = text(device, "bus");
    const char *kind = text(technique_of(c->claims), "kind");
    if (medium >= 0 && !lethe_media_takes((enum lethe_media)medium, kind))
        CONTRADICTION(c, "technique", "a magnetic medium has no blocks of flash to erase");
    else if (known && medium >= 0 && known->most[medium] == LETHE_CLAIMS_NOTHING)
        CONTRADICTION(c, "technique", "%s erases no medium that is %s", known->name,
                      text(device, "media"));
    if (known && known->buses && !lethe_known_lists(known->buses, bus))
        CONTRADICTION(c, "technique", "%.40s reaches no device on the bus %s", name, bus);
    if (strcmp(bus, "mmc") == 0 && medium == LETHE_MEDIA_MAGNETIC)
        CONTRADICTION(c, "technique", "what is on the bus mmc is flash, and is called magnetic");
}

/* One that COMMAND is of and KNOWN is not; NULL: none. */
static const char *sent_by_another(const struct lethe_known_technique *known, const char *command)
{
    static const char *const sets[] = {"ATA", "SCSI", "NVMe", "MMC"};
    size_t first = strcspn(command, " ");
    if (lethe_known_sends(known, command))
        return NULL;
    for (size_t i = 0; i < lethe_known_techniques(); i++)
        if (lethe_known_needs(lethe_known_technique_at(i), command))
            return lethe_known_technique_at(i)->name;
    for (size_t i = 0; known->set && i < sizeof(sets) / sizeof(sets[0]); i++)
        if (strlen(sets[i]) == first && strncmp(command, sets[i], first) == 0 &&
            strcmp(sets[i], known->set) != 0)
            return sets[i];
    return NULL;
}

static bool is_needed(const struct checking *c, const struct lethe_known_command *one, bool before)
{
    const struct lethe_node *told = lethe_node_get(c->claims, "interruptions");
    return one->turn == LETHE_TURN_MUST || (one->turn == LETHE_TURN_WITH && before) ||
           (one->turn == LETHE_TURN_UNSET && number(told, "resumed") == 0);
}

/* Each in its turn, and nothing else: whatever stands between is none of what was done. */
static void check_turns(struct checking *c, const struct lethe_known_technique *known,
                        const struct lethe_node *commands)
{
    const struct lethe_node *item = lethe_node_first(commands);
    bool before = false; /* the one before was sent */
    for (size_t i = 0; i < LETHE_SENDS_MAX && known->sends[i].spelt; i++) {
        const struct lethe_known_command *one = &known->sends[i];
        if (item && (one->turn != LETHE_TURN_WITH || before) &&
            lethe_known_command_is(one, word(item))) {
            item = item->next;
            before = true;
        } else if (is_needed(c, one, before)) {
            CONTRADICTION(c, "technique", "by %s, and \"%s\" was not sent, or not in its turn",
                          known->name, one->spelt);
            return;
        } else
            before = false;
    }
    if (item)
        CONTRADICTION(c, "technique", "by %s, and \"%.60s\" is not sent there", known->name,
                      word(item));
}

/* The last sector or byte address that was erased is the last one of what was to be. */
static void check_area(struct checking *c, const struct lethe_node *commands)
{
    static const char begin[] = "MMC CMD36 ", end[] = " (user area)";
    uint64_t capacity = number(lethe_node_get(c->claims, "device"), "capacity");
    const struct lethe_node *item;
    LETHE_NODE_EACH(commands, item)
    {
        const char *command = word(item);
        char *rest;
        if (strncmp(command, begin, sizeof(begin) - 1) != 0)
            continue;
        uint64_t last = strtoull(command + sizeof(begin) - 1, &rest, 16);
        if (strcmp(rest, end) == 0 && last + 1 != capacity / CARD_SECTOR &&
            last + CARD_SECTOR != capacity)
            CONTRADICTION(c, "technique", "\"%.40s\" is not the end of the user area", command);
    }
}

/* What was sent is what the technique sends: its own commands, and none of another's. */
static void check_commands(struct checking *c, const struct lethe_known_technique *known)
{
    const struct lethe_node *commands = lethe_node_get(technique_of(c->claims), "commands"), *item;
    if (!known || !commands)
        return;
    LETHE_NODE_EACH(commands, item)
    {
        const char *other = sent_by_another(known, word(item));
        if (other)
            CONTRADICTION(c, "technique", "by %s, and the command \"%.40s\" is of %s", known->name,
                          word(item), other);
    }
    if (known->part || (!known->host && !truth(technique_of(c->claims), "observed")))
        return;
    check_turns(c, known, commands);
    check_area(c, commands);
}

void lethe_check_technique(struct checking *c)
{
    const struct lethe_node *technique = technique_of(c->claims);
    const char *kind = text(technique, "kind");
    const struct lethe_known_technique *known = lethe_known_technique(text(technique, "name"));
    int medium = lethe_media_parse(text(lethe_node_get(c->claims, "device"), "media"));
    if (known && !known->part && strcmp(known->kind, kind) != 0)
        CONTRADICTION(c, "technique", "%s is no %s", known->name, kind);
    if (known && !known->host && lethe_node_size(lethe_node_get(technique, "passes")) > 0)
        CONTRADICTION(c, "passes", "%s has no passes of its own", known->name);
    if (lethe_node_get(technique, "followed_by") && (!known || known->host))
        CONTRADICTION(c, "technique", "only what a device does to itself is followed by a pass");
    check_method(c, known, medium);
    check_device(c, known, medium);
    check_commands(c, known);
}
