/* SPDX-License-Identifier: Apache-2.0 */
/* Could the technique do what is said of it, to such a device, by these commands? */
#include "cert/checking.h"
#include "cert/technique.h"
#include <lethe/certificate.h>
#include <string.h>

/* A certificate shows so many commands at most: behind them there may have been more. */
#define COMMANDS_MAX 16

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
        if (lethe_known_sends(lethe_known_technique_at(i), command))
            return lethe_known_technique_at(i)->name;
    for (size_t i = 0; known->set && i < sizeof(sets) / sizeof(sets[0]); i++)
        if (strlen(sets[i]) == first && strncmp(command, sets[i], first) == 0 &&
            strcmp(sets[i], known->set) != 0)
            return sets[i];
    return NULL;
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
    if (!truth(technique_of(c->claims), "observed"))
        return;
    item = lethe_node_first(commands);
    for (size_t i = 0; i < LETHE_SENDS_MAX && known->sends[i].begins; i++) {
        if (i > 0 && lethe_node_size(commands) >= COMMANDS_MAX)
            return; /* cut off, perhaps */
        while (item && !lethe_known_command_is(&known->sends[i], word(item)))
            item = item->next;
        if (!item) {
            CONTRADICTION(c, "technique", "by %s, and \"%s\" was not sent, or not in its turn",
                          known->name, known->sends[i].begins);
            return;
        }
        item = item->next;
    }
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
