/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share: one look at one drive. */
#ifndef LETHE_DEVICE_LOOK_H
#define LETHE_DEVICE_LOOK_H

#include "io/exec.h"
#include "proto/health.h"
#include "proto/identify.h"

#include <lethe/facts.h>

#define LETHE_LOOK_MS 5000 /* a drive that needs longer to say who it is will not do */

struct lethe_look {
    struct lethe_io *io;
    const struct lethe_identity *identity; /* the kernel's word */
    struct lethe_facts *facts;             /* filled in */
    struct lethe_health health;
};

/* Each: 0 asked and answered, what was learned is in FACTS; -errno when this drive does not speak
 * so (nothing filled in but the obstacle), -ENODEV when it is gone. */
int lethe_look_ata(struct lethe_look *look, enum lethe_path path);
int lethe_look_scsi(struct lethe_look *look);
/* INQUIRY of whatever is behind a bridge, for nothing but whether it is host-managed. */
int lethe_look_type(struct lethe_look *look);
int lethe_look_nvme(struct lethe_look *look, enum lethe_path path);
int lethe_look_mmc(struct lethe_look *look);
/* An iPhone or iPad, whatever the bus. Always something to tell. */
void lethe_look_ios(struct lethe_look *look);
/* An Android phone or tablet. 0 with something to tell; -LETHE_E_GONE. */
int lethe_look_android(struct lethe_look *look);

/* Of a drive that says it is host-managed or host-aware: how its zones are. */
void lethe_look_zones(struct lethe_look *look);

/* TCG level-0 discovery in DATA (LETHE_TCG_DISCOVERY_SIZE bytes): capabilities and locks. */
void lethe_look_tcg(struct lethe_look *look, const uint8_t *data, size_t len);

void lethe_look_obstacle(struct lethe_look *look, const char *obstacle, const char *remedy);
/* Does TEXT agree with one of the kernel's identifiers of KIND? True also where it knows none. */
bool lethe_look_agrees(const struct lethe_look *look, enum lethe_id_kind kind, const char *text);

#endif
