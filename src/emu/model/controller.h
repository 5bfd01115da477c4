/* SPDX-License-Identifier: Apache-2.0 */
/* The `controller` of an emulation file: which firmware answers, and how it lies. */
#ifndef LETHE_EMU_MODEL_CONTROLLER_H
#define LETHE_EMU_MODEL_CONTROLLER_H

#include <jansson.h>
#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum model_kind { MODEL_ATA, MODEL_SCSI, MODEL_NVME, MODEL_MMC, MODEL_SD, MODEL_KINDS };

enum feature_number {
#define LETHE_FEATURE(symbol, ...) FEATURE_##symbol,
#include "emu/model/features.def"
#undef LETHE_FEATURE
    FEATURES
};

enum bridge {
#define LETHE_BRIDGE(symbol, ...) BRIDGE_##symbol,
#include "emu/model/bridges.def"
#undef LETHE_BRIDGE
    BRIDGES
};

enum lie {
#define LETHE_LIE(symbol, ...) LIE_##symbol,
#include "emu/model/lies.def"
#undef LETHE_LIE
    LIES
};

enum operation_kind {
    OPERATION_NONE, /* of a lie: any */
    OPERATION_SANITIZE,
    OPERATION_SECURITY_ERASE,
    OPERATION_FORMAT,
    OPERATION_ERASE,  /* CMD38 */
    OPERATION_REVERT, /* TCG */
};

#define MODEL_LIES_MAX 16
#define MODEL_AREAS_MAX 8 /* behind the main one */

struct lie_rule {
    enum lie kind;
    enum operation_kind of;
    uint64_t times;    /* 0: always */
    uint32_t permille; /* of the progress */
    uint64_t size, milliseconds;
    char area[16], serial[96];
};

/* What an area is for; its number is what hosts call it (namespace, partition). */
enum area_use { AREA_SPARE, AREA_NAMESPACE, AREA_BOOT, AREA_GP };
struct area {
    enum area_use use;
    unsigned number;
    char name[16];
    uint64_t offset, size; /* in the `.firmware` file */
};

struct controller {
    enum model_kind kind;
    enum bridge bridge;
    uint16_t usb_vendor, usb_product, usb_release;
    uint64_t features; /* bits by feature_number */
    uint64_t capacity; /* all that the medium has for the host */
    uint32_t block;    /* 512 or 4096: of the emulated device */
    uint32_t sector;   /* bytes a block it came with: 520 and 528 make it useless before FORMAT */
    uint64_t hpa, dco; /* bytes they leave, 0 none */
    uint64_t unallocated;
    uint64_t zone, conventional; /* bytes of one; the first ones, which are written anywhere */
    uint64_t duration_ms;
    size_t n_areas;
    struct area areas[MODEL_AREAS_MAX];
    char password[33], psid[33]; /* "" none */
    uint64_t reallocated, pending, uncorrectable, hours, life_used;
    bool health_failed, magnetic;
    char vendor[64], model[96], serial[96], wwn[96], revision[32];
    size_t n_lies;
    struct lie_rule lies[MODEL_LIES_MAX];
    uint64_t digest; /* of the lies: another list starts its counters anew */
};

static inline bool controller_has(const struct controller *c, enum feature_number feature)
{
    return (c->features >> feature & 1) != 0;
}

/* JSON is the `controller` member of a device's config, IDENTITY what the device says it is. */
int controller_parse(const json_t *json, const json_t *identity, uint64_t capacity, uint32_t block,
                     struct controller *out, struct lethe_error *err);

extern const char *const model_kind_names[MODEL_KINDS];
extern const struct bridge_facts {
    const char *name;
    uint16_t vendor, product;
    const char *vendor_name, *product_name, *kinds;
} model_bridges[BRIDGES];

#endif
