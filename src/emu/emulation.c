/* SPDX-License-Identifier: Apache-2.0 */
/* The emulation file: YAML (and so JSON) read strictly into configurations. */
#include "emu/emulation.h"

#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "emu/controller_yaml.h"
#include "emu/phone/yaml.h"
#include <stddef.h>
#include <string.h>

#define DEVICES_MAX 64
/* Keeps every offset well inside off_t and exact as a JSON integer. */
#define CAPACITY_MAX (1ULL << 50)

struct yaml_fault {
    char *kind, *after_bytes, *from, *to, *at_offset, *during, *fraction, *size, *rate, *variant,
        *serial, *model, *wwn;
    uint64_t *after_writes, *seed, *times, *seconds;
};

struct yaml_device {
    char *name, *vendor, *model, *serial, *wwn, *firmware, *capacity, *bus, *backing, *contents;
    enum lethe_media media;
    uint32_t *logical_block, *physical_block;
    bool volatile_cache;
    struct yaml_fault *faults;
    uint32_t faults_count;
    struct yaml_controller *controller;
    struct yaml_phone *phone;
};

struct yaml_file {
    struct yaml_device *devices;
    uint32_t devices_count;
};

#define TEXT_OPT(key, type, member, max)                                                           \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct type, member, 0,  \
                           max)
#define UINT_OPT(key, type, member)                                                                \
    CYAML_FIELD_UINT_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct type, member)

static const cyaml_schema_field_t fault_fields[] = {
    CYAML_FIELD_STRING_PTR("kind", CYAML_FLAG_POINTER, struct yaml_fault, kind, 1, 32),
    UINT_OPT("after_writes", yaml_fault, after_writes),
    TEXT_OPT("after_bytes", yaml_fault, after_bytes, 32),
    TEXT_OPT("from", yaml_fault, from, 32),
    TEXT_OPT("to", yaml_fault, to, 32),
    TEXT_OPT("at_offset", yaml_fault, at_offset, 32),
    TEXT_OPT("during", yaml_fault, during, 16),
    TEXT_OPT("fraction", yaml_fault, fraction, 16),
    UINT_OPT("seed", yaml_fault, seed),
    UINT_OPT("times", yaml_fault, times),
    TEXT_OPT("size", yaml_fault, size, 32),
    TEXT_OPT("rate", yaml_fault, rate, 32),
    UINT_OPT("seconds", yaml_fault, seconds),
    TEXT_OPT("variant", yaml_fault, variant, 16),
    TEXT_OPT("serial", yaml_fault, serial, 95),
    TEXT_OPT("model", yaml_fault, model, 95),
    TEXT_OPT("wwn", yaml_fault, wwn, 95),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t fault_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_fault, fault_fields)};

static const cyaml_strval_t media_words[] = {{"magnetic", LETHE_MEDIA_MAGNETIC},
                                             {"flash", LETHE_MEDIA_FLASH}};

/* Not CYAML_FIELD_BOOL: it takes any word that it does not know for true. */
static const cyaml_strval_t bool_words[] = {{"false", false}, {"true", true}};

static const cyaml_schema_field_t device_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct yaml_device, name, 1, 32),
    TEXT_OPT("vendor", yaml_device, vendor, 63),
    TEXT_OPT("model", yaml_device, model, 95),
    TEXT_OPT("serial", yaml_device, serial, 95),
    TEXT_OPT("wwn", yaml_device, wwn, 95),
    TEXT_OPT("firmware", yaml_device, firmware, 31),
    TEXT_OPT("capacity", yaml_device, capacity, 32),
    UINT_OPT("logical_block", yaml_device, logical_block),
    UINT_OPT("physical_block", yaml_device, physical_block),
    CYAML_FIELD_ENUM("media", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct yaml_device, media,
                     media_words, 2),
    TEXT_OPT("bus", yaml_device, bus, 16),
    TEXT_OPT("backing", yaml_device, backing, 1024),
    TEXT_OPT("contents", yaml_device, contents, 1024),
    CYAML_FIELD_ENUM("volatile_cache", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct yaml_device,
                     volatile_cache, bool_words, 2),
    CYAML_FIELD_SEQUENCE("faults", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_device,
                         faults, &fault_value, 0, LETHE_FAULTS_MAX),
    CYAML_FIELD_MAPPING_PTR("controller", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                            struct yaml_device, controller, yaml_controller_fields),
    CYAML_FIELD_MAPPING_PTR("phone", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_device,
                            phone, yaml_phone_fields),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t device_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_device, device_fields)};

static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_SEQUENCE("devices", CYAML_FLAG_POINTER, struct yaml_file, devices, &device_value, 1,
                         DEVICES_MAX),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct yaml_file, file_fields)};

struct place {
    const char *name, *dir;
};

static int out_of_memory(struct lethe_error *err)
{
    return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static bool set_text(json_t *object, const char *key, const char *text)
{
    return !text || json_object_set_new(object, key, json_string(text)) == 0;
}

static bool set_count(json_t *object, const char *key, const uint64_t *count)
{
    return !count || json_object_set_new(object, key, json_integer((json_int_t)*count)) == 0;
}

/* The JSON form: what lethe_fault_open() takes; there it is checked. */
static json_t *fault_to_json(const struct yaml_fault *f)
{
    json_t *json = json_object();
    if (!json)
        return NULL;
    if (set_text(json, "kind", f->kind) && set_count(json, "after_writes", f->after_writes) &&
        set_text(json, "after_bytes", f->after_bytes) && set_text(json, "from", f->from) &&
        set_text(json, "to", f->to) && set_text(json, "at_offset", f->at_offset) &&
        set_text(json, "during", f->during) && set_text(json, "fraction", f->fraction) &&
        set_count(json, "seed", f->seed) && set_count(json, "times", f->times) &&
        set_text(json, "size", f->size) && set_text(json, "rate", f->rate) &&
        set_count(json, "seconds", f->seconds) && set_text(json, "variant", f->variant) &&
        set_text(json, "serial", f->serial) && set_text(json, "model", f->model) &&
        set_text(json, "wwn", f->wwn))
        return json;
    json_decref(json);
    return NULL;
}

static bool block_is_good(uint32_t block)
{
    return block >= 512 && block <= 65536 && (block & (block - 1)) == 0;
}

static int read_shape(const struct yaml_device *from, struct disk_shape *out,
                      struct lethe_error *err)
{
    out->logical_block = from->logical_block ? *from->logical_block : 512;
    out->physical_block = from->physical_block ? *from->physical_block : out->logical_block;
    if (!block_is_good(out->logical_block) || !block_is_good(out->physical_block) ||
        out->physical_block < out->logical_block)
        return lethe_fail(err, LETHE_E_INVALID,
                          "blocks of %u and %u bytes: both must be powers of two from 512 to "
                          "65536, the physical one not smaller",
                          out->logical_block, out->physical_block);
    if (!from->capacity || from->media == LETHE_MEDIA_UNKNOWN)
        return lethe_fail(err, LETHE_E_INVALID,
                          "a device needs \"capacity\" and \"media\", or is a "
                          "\"phone\"");
    if (!lethe_size_parse(from->capacity, &out->capacity) || out->capacity == 0 ||
        out->capacity > CAPACITY_MAX || out->capacity % out->logical_block != 0)
        return lethe_fail(err, LETHE_E_INVALID,
                          "capacity \"%s\" is not a size such as \"64MiB\", up to 1PiB, in whole "
                          "logical blocks",
                          from->capacity);
    return 0;
}

/* The name stands in a file name and in "emu:NAME". */
static int check_name(const char *name, struct lethe_error *err)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    return strspn(name, good) == strlen(name)
               ? 0
               : lethe_fail(err, LETHE_E_INVALID,
                            "a device's name may have letters, digits, \"-\" and \"_\" only");
}

static int check_contents(const char *contents, uint64_t capacity, struct lethe_error *err)
{
    if (strcmp(contents, "zero") == 0)
        return 0;
    if (strncmp(contents, "file:", 5) == 0 && contents[5])
        return 0;
    if ((strncmp(contents, "random:", 7) != 0 || !contents[7]) &&
        (strncmp(contents, "text:", 5) != 0 || !contents[5]))
        return lethe_fail(err, LETHE_E_INVALID,
                          "contents must be \"zero\", \"random:SEED\", \"text:TEXT\" or "
                          "\"file:PATH\"");
    /* Typed by mistake for an 8 TB device this would fill the bench's own disk. */
    if (capacity > 16ULL << 30)
        return lethe_fail(err, LETHE_E_LIMIT, "contents can be made up for 16 GiB at most");
    return 0;
}

static int read_identity(const struct yaml_device *from, const struct disk_shape *shape,
                         struct lethe_identity *out, struct lethe_error *err)
{
    *out = (struct lethe_identity){.class_ = LETHE_CLASS_DISK,
                                   .bus = LETHE_BUS_EMULATED,
                                   .media = from->media,
                                   .substrate = LETHE_SUBSTRATE_EMULATED,
                                   .capacity = shape->capacity,
                                   .logical_block = shape->logical_block,
                                   .physical_block = shape->physical_block};
    const char *texts[] = {from->vendor, from->model, from->firmware, from->serial, from->wwn};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        if (texts[i] && !lethe_text_is_clean(texts[i]))
            return lethe_fail(err, LETHE_E_INVALID, "control characters in the device's identity");
    lethe_text_clean(out->vendor, sizeof(out->vendor), from->vendor ? from->vendor : "", 64);
    lethe_text_clean(out->model, sizeof(out->model), from->model ? from->model : "", 96);
    lethe_text_clean(out->firmware, sizeof(out->firmware), from->firmware ? from->firmware : "",
                     32);
    if (from->bus) {
        int bus = lethe_bus_parse(from->bus);
        if (bus < 0)
            return lethe_fail(err, LETHE_E_INVALID, "no bus is called \"%s\"", from->bus);
        out->bus = (enum lethe_bus)bus;
    }
    if (out->bus == LETHE_BUS_MMC && out->media == LETHE_MEDIA_MAGNETIC)
        return lethe_fail(err, LETHE_E_INVALID, "a device on the bus mmc is flash, not magnetic");
    int rc = 0;
    if (from->serial)
        rc = lethe_identity_add(out, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, from->serial);
    if (rc == 0 && from->wwn)
        rc = lethe_identity_add(out, LETHE_ID_WWN, LETHE_SOURCE_DEVICE, from->wwn);
    return rc < 0 ? lethe_fail(err, LETHE_E_LIMIT, "too many identifiers") : 0;
}

/* PATH, taken from DIR when relative. */
static int resolve(const char *dir, const char *path, char out[PATH_MAX], struct lethe_error *err)
{
    return lethe_text_format(out, PATH_MAX, "%s%s%s", path[0] == '/' ? "" : dir,
                             path[0] == '/' || dir[strlen(dir) - 1] == '/' ? "" : "/", path)
               ? 0
               : lethe_fail(err, LETHE_E_LIMIT, "the path of a backing file is too long");
}

static int read_paths(const struct yaml_device *from, const struct place *place, json_t *config,
                      struct lethe_error *err)
{
    char path[PATH_MAX], beside[PATH_MAX];
    const char *base = strrchr(place->name, '/');
    const char *contents = from->contents ? from->contents : "zero";
    if (!lethe_text_format(beside, sizeof(beside), "%s.%s.img", base ? base + 1 : place->name,
                           from->name))
        return lethe_fail(err, LETHE_E_LIMIT, "the path of a backing file is too long");
    int rc = resolve(place->dir, from->backing ? from->backing : beside, path, err);
    if (rc == 0 && !set_text(config, "backing", path))
        rc = lethe_fail(err, LETHE_E_INVALID, "the path of a backing file is not UTF-8");
    if (rc < 0 || strncmp(contents, "file:", 5) != 0)
        return rc < 0 ? rc : set_text(config, "contents", contents) ? 0 : out_of_memory(err);
    rc = resolve(place->dir, contents + 5, path, err);
    if (rc == 0 && (!lethe_text_format(beside, sizeof(beside), "file:%s", path) ||
                    !set_text(config, "contents", beside)))
        rc = lethe_fail(err, LETHE_E_INVALID, "the path of a device's contents can't be kept");
    return rc;
}

static json_t *faults_to_json(const struct yaml_device *from)
{
    json_t *list = json_array();
    for (uint32_t i = 0; list && i < from->faults_count; i++) {
        if (json_array_append_new(list, fault_to_json(&from->faults[i])) < 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

static int read_config(const struct yaml_device *from, const struct place *place, json_t *config,
                       struct lethe_error *err)
{
    struct disk_shape shape = {0};
    struct lethe_identity identity = {0};
    struct emulated check;
    int rc = check_name(from->name, err);
    if (rc == 0)
        rc = read_shape(from, &shape, err);
    if (rc == 0)
        rc = check_contents(from->contents ? from->contents : "zero", shape.capacity, err);
    if (rc == 0)
        rc = read_identity(from, &shape, &identity, err);
    if (rc == 0)
        rc = read_paths(from, place, config, err);
    if (rc < 0)
        return rc;
    if (!set_text(config, "name", from->name) ||
        json_object_set_new(config, "volatile_cache", json_boolean(from->volatile_cache)) < 0 ||
        json_object_set_new(config, "capacity", json_integer((json_int_t)shape.capacity)) < 0 ||
        json_object_set_new(config, "logical_block", json_integer(shape.logical_block)) < 0 ||
        json_object_set_new(config, "physical_block", json_integer(shape.physical_block)) < 0 ||
        json_object_set_new(config, "faults", faults_to_json(from)) < 0 ||
        json_object_set_new(config, "identity", lethe_identity_to_json(&identity)) < 0)
        return out_of_memory(err);
    if (from->controller &&
        json_object_set_new(config, "controller", yaml_controller_to_json(from->controller)) < 0)
        return lethe_fail(err, LETHE_E_INVALID, "the controller has text that is not UTF-8");
    return emulated_from_config(config, &check, err);
}

/* A phone is described by its personality and nothing else. */
static int read_phone(const struct yaml_device *from, const struct place *place, json_t *config,
                      struct lethe_error *err)
{
    char path[PATH_MAX], beside[PATH_MAX];
    const char *base = strrchr(place->name, '/');
    json_t *description = NULL;
    if (from->vendor || from->model || from->wwn || from->firmware || from->capacity || from->bus ||
        from->backing || from->contents || from->media || from->logical_block ||
        from->physical_block || from->volatile_cache || from->faults || from->controller)
        return lethe_fail(
            err, LETHE_E_INVALID,
            "a phone has \"name\", \"serial\" and \"phone\", and nothing beside that");
    int rc = check_name(from->name, err);
    if (rc == 0 && !lethe_text_format(beside, sizeof(beside), "%s.%s.phone",
                                      base ? base + 1 : place->name, from->name))
        rc = lethe_fail(err, LETHE_E_LIMIT, "the path of a phone's memory is too long");
    if (rc == 0)
        rc = resolve(place->dir, beside, path, err);
    if (rc == 0)
        rc = yaml_phone_to_json(from->phone, place->dir, from->serial, &description, err);
    if (rc < 0)
        return rc;
    return json_object_set_new(config, "phone", description) == 0 &&
                   set_text(config, "name", from->name) && set_text(config, "memory", path)
               ? 0
               : out_of_memory(err);
}

/* Two devices in one file would overwrite each other. */
static int check_distinct(const json_t *configs, const json_t *config, struct lethe_error *err)
{
    static const char *const keys[] = {"name", "backing"};
    size_t i;
    const json_t *other;
    json_array_foreach((json_t *)(uintptr_t)configs, i, other)
    {
        for (size_t k = 0; k < 2; k++)
            if (json_object_get(config, keys[k]) &&
                json_equal(json_object_get(other, keys[k]), json_object_get(config, keys[k])))
                return lethe_fail(err, LETHE_E_INVALID, "another device has the same %s", keys[k]);
    }
    return 0;
}

static int read_devices(const struct yaml_file *file, const struct place *place, json_t *out,
                        struct lethe_error *err)
{
    for (uint32_t i = 0; i < file->devices_count; i++) {
        struct lethe_error why = {0};
        LETHE_JSON_AUTO *config = json_object();
        int rc = !config                  ? out_of_memory(&why)
                 : file->devices[i].phone ? read_phone(&file->devices[i], place, config, &why)
                                          : read_config(&file->devices[i], place, config, &why);
        if (rc == 0)
            rc = check_distinct(out, config, &why);
        if (rc == 0 && json_array_append(out, config) < 0)
            rc = out_of_memory(&why);
        if (rc < 0)
            return lethe_fail(err, why.code, "%.100s: device %u (%.32s): %.150s", place->name,
                              i + 1, file->devices[i].name, why.what);
    }
    return 0;
}

int emulation_parse(const char *name, const char *dir, const char *text, size_t len, json_t **out,
                    struct lethe_error *err)
{
    void *file = NULL;
    int rc = lethe_yaml_load(name, text, len, &file_value, &file, err);
    if (rc < 0)
        return rc;
    json_t *configs = json_array();
    rc =
        configs ? read_devices(file, &(struct place){name, dir}, configs, err) : out_of_memory(err);
    lethe_yaml_free(&file_value, file);
    if (rc < 0)
        json_decref(configs);
    else
        *out = configs;
    return rc;
}

int emulated_from_config(const json_t *config, struct emulated *out, struct lethe_error *err)
{
    uint64_t logical = 0, physical = 0;
    *out = (struct emulated){0};
    int rc = lethe_json_u64(config, "capacity", &out->shape.capacity, err);
    if (rc == 0)
        rc = lethe_json_u64(config, "logical_block", &logical, err);
    if (rc == 0)
        rc = lethe_json_u64(config, "physical_block", &physical, err);
    if (rc == 0)
        rc = lethe_json_bool(config, "volatile_cache", &out->volatile_cache, err);
    if (rc < 0)
        return rc;
    if (logical > 65536 || physical > 65536 || !block_is_good((uint32_t)logical) ||
        !block_is_good((uint32_t)physical) || out->shape.capacity == 0 ||
        out->shape.capacity > CAPACITY_MAX || out->shape.capacity % logical != 0)
        return lethe_fail(err, LETHE_E_INVALID, "the shape of the emulated device is not possible");
    out->shape.logical_block = (uint32_t)logical;
    out->shape.physical_block = (uint32_t)physical;
    json_t *faults = lethe_json_get(config, "faults", JSON_ARRAY, err);
    if (!faults)
        return -LETHE_E_INVALID;
    out->n_rules =
        fault_rules_parse(faults, out->shape.capacity, (uint32_t)logical, out->rules, err);
    for (int i = 0; i < out->n_rules; i++)
        out->remembers |= fault_rule_remembers(&out->rules[i]);
    const json_t *controller = json_object_get(config, "controller");
    if (out->n_rules < 0 || !controller)
        return out->n_rules < 0 ? out->n_rules : 0;
    out->has_controller = true;
    return controller_parse(controller, json_object_get(config, "identity"), out->shape.capacity,
                            out->shape.logical_block, &out->controller, err);
}
