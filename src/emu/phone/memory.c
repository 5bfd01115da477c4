/* SPDX-License-Identifier: Apache-2.0 */
/* What a phone remembers. Changes are made under a lock beside the file and put in place by a
 * rename: a reader needs no lock, and a process that is killed leaves the old or the new state. */
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "emu/phone/phone.h"
#include <stdlib.h>
#include <string.h>

#define MEMORY_MAX ((size_t)4 << 20)

static int out_of_memory(struct lethe_error *err)
{
    return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

const struct phone_family *phone_family_of(enum lethe_phone_family family)
{
    static const struct phone_family *const families[] = {&phone_family_android, &phone_family_ios};
    for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
        if (families[i]->family == family)
            return families[i];
    return NULL;
}

enum lethe_phone_family phone_family(const struct phone *phone)
{
    const char *word = json_string_value(json_object_get(phone->memory, "family"));
    int family = word ? lethe_phone_family_parse(word) : -1;
    return family < 0 ? LETHE_FAMILY_NONE : (enum lethe_phone_family)family;
}

enum lethe_phone_mode phone_mode(const struct phone *phone)
{
    const char *word = json_string_value(json_object_get(phone->memory, "mode"));
    int mode = word ? lethe_phone_mode_parse(word) : -1;
    return mode < 0 ? LETHE_MODE_UNKNOWN : (enum lethe_phone_mode)mode;
}

static uint64_t count_of(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value < 0 ? 0 : (uint64_t)value;
}

uint64_t phone_generation(const struct phone *phone)
{
    return count_of(phone->memory, "generation");
}

bool phone_is_away(const struct phone *phone)
{
    return count_of(phone->memory, "away_until") > lethe_now_ms();
}

const char *phone_serial(const struct phone *phone)
{
    const char *serial = json_string_value(json_object_get(phone->memory, "serial"));
    return serial ? serial : "";
}

static int load(struct phone *phone, struct lethe_error *err)
{
    char *text = NULL;
    size_t len = 0;
    int rc = lethe_file_read(phone->path, MEMORY_MAX, &text, &len, err);
    if (rc < 0)
        return rc;
    json_t *memory = lethe_json_load(text, len, MEMORY_MAX, err);
    free(text);
    if (!memory)
        return -LETHE_E_INVALID;
    json_decref(phone->memory);
    phone->memory = memory;
    return phone_family_of(phone_family(phone))
               ? 0
               : lethe_fail(err, LETHE_E_INVALID, "%s is not the memory of a phone", phone->path);
}

static int store(const struct phone *phone, struct lethe_error *err)
{
    char *text = lethe_json_canonical(phone->memory);
    if (!text)
        return out_of_memory(err);
    int rc = lethe_file_write(phone->path, text, strlen(text), 0600, err);
    free(text);
    return rc;
}

static bool is_due(const struct phone *phone, uint64_t *at)
{
    const json_t *due = json_object_get(phone->memory, "due");
    *at = count_of(due, "at");
    return json_is_object(due) && *at <= lethe_now_ms();
}

/* Under the lock. */
static int settle(struct phone *phone, struct lethe_error *err)
{
    uint64_t at;
    if (!is_due(phone, &at))
        return 0;
    LETHE_JSON_AUTO *due = json_incref(json_object_get(phone->memory, "due"));
    int rc = phone_set(phone, "due", json_null());
    return rc < 0 ? rc
                  : phone_family_of(phone_family(phone))
                        ->due(phone, json_string_value(json_object_get(due, "verb")), at, err);
}

int phone_change(struct phone *phone, phone_change_fn *change, void *user, struct lethe_error *err)
{
    char path[PATH_MAX];
    if (!lethe_text_format(path, sizeof(path), "%s.lock", phone->path))
        return lethe_fail(err, LETHE_E_LIMIT, "the path of a phone's memory is too long");
    LETHE_FD_AUTO lock = lethe_file_lock(path, true, err);
    if (lock < 0)
        return lock;
    int rc = load(phone, err);
    if (rc == 0)
        rc = settle(phone, err);
    if (rc == 0 && change)
        rc = change(phone, user, err);
    if (rc < 0) {
        load(phone, NULL);
        return rc;
    }
    int stored = store(phone, err);
    return stored < 0 ? stored : rc;
}

int phone_read(struct phone *phone, struct lethe_error *err)
{
    uint64_t at;
    int rc = load(phone, err);
    return rc == 0 && is_due(phone, &at) ? phone_change(phone, NULL, NULL, err) : rc;
}

/* "X.phone" and "X.storage". */
static int place(const char *path, struct phone *out, struct lethe_error *err)
{
    size_t len = strlen(path), suffix = strlen(".phone");
    *out = (struct phone){0};
    if (len < suffix || strcmp(path + len - suffix, ".phone") != 0)
        return lethe_fail(err, LETHE_E_USAGE, "%.200s does not end in \".phone\"", path);
    if (!lethe_text_format(out->path, sizeof(out->path), "%s", path) ||
        !lethe_text_format(out->storage, sizeof(out->storage), "%.*s.storage", (int)(len - suffix),
                           path))
        return lethe_fail(err, LETHE_E_LIMIT, "the path of a phone's memory is too long");
    return 0;
}

int phone_open(const char *path, struct phone *out, struct lethe_error *err)
{
    int rc = place(path, out, err);
    if (rc == 0)
        rc = phone_read(out, err);
    if (rc < 0)
        phone_close(out);
    return rc;
}

void phone_close(struct phone *phone)
{
    json_decref(phone->memory);
    phone->memory = NULL;
}

/* A new phone, before anybody plugged it in. */
static int conceive(struct phone *phone, const json_t *description, struct lethe_error *err)
{
    const char *family, *mode, *serial;
    json_t *traits = lethe_json_get(description, "traits", JSON_OBJECT, err);
    json_t *faults = traits ? lethe_json_get(description, "faults", JSON_ARRAY, err) : NULL;
    int rc = faults ? lethe_json_str(description, "family", &family, err) : -LETHE_E_INVALID;
    if (rc == 0)
        rc = lethe_json_str(description, "mode", &mode, err);
    if (rc == 0)
        rc = lethe_json_str(description, "serial", &serial, err);
    if (rc < 0)
        return rc;
    phone->memory = json_pack("{s:i, s:s, s:s, s:s, s:i, s:i, s:n, s:i, s:o, s:o, s:{}}", "format",
                              1, "family", family, "serial", serial, "mode", mode, "generation", 1,
                              "away_until", 0, "due", "erased", 0, "faults", json_deep_copy(faults),
                              "traits", json_deep_copy(traits), "state");
    if (!phone->memory)
        return out_of_memory(err);
    const struct phone_family *of = phone_family_of(phone_family(phone));
    return of ? of->born(phone, err)
              : lethe_fail(err, LETHE_E_INVALID, "no phone is of family \"%.40s\"", family);
}

int phone_make(const char *path, const json_t *description, struct lethe_error *err)
{
    PHONE_AUTO phone;
    char *text = NULL, lock_path[PATH_MAX];
    size_t len;
    int rc = place(path, &phone, err);
    if (rc < 0)
        return rc;
    if (!lethe_text_format(lock_path, sizeof(lock_path), "%s.lock", path))
        return lethe_fail(err, LETHE_E_LIMIT, "the path of a phone's memory is too long");
    LETHE_FD_AUTO lock = lethe_file_lock(lock_path, true, err);
    if (lock < 0)
        return lock;
    rc = lethe_file_read(path, MEMORY_MAX, &text, &len, err);
    free(text);
    if (rc != -LETHE_E_NOT_FOUND)
        return rc < 0 ? rc : 0;
    if (err)
        *err = (struct lethe_error){0}; /* it is new */
    rc = conceive(&phone, description, err);
    uint64_t contents = phone_trait_count(&phone, "contents", 64 << 10);
    const char *encryption = phone_trait_text(&phone, "encryption"); /* none said of an iPhone */
    /* The memory last: what was made only half is made again. */
    if (rc == 0)
        rc = phone_storage_make(phone.storage, contents,
                                !*encryption || strcmp(encryption, "fbe-metadata") == 0,
                                phone_trait_is(&phone, "sd_card"), err);
    return rc < 0 ? rc : store(&phone, err);
}

int phone_set(struct phone *phone, const char *key, json_t *value)
{
    return json_object_set_new(phone->memory, key, value) < 0 ? -LETHE_E_INTERNAL : 0;
}

json_t *phone_state(const struct phone *phone)
{
    return json_object_get(phone->memory, "state");
}

const char *phone_state_text(const struct phone *phone, const char *key)
{
    const char *text = json_string_value(json_object_get(phone_state(phone), key));
    return text ? text : "";
}

bool phone_state_is(const struct phone *phone, const char *key)
{
    return json_is_true(json_object_get(phone_state(phone), key));
}

int phone_state_set(struct phone *phone, const char *key, json_t *value)
{
    return json_object_set_new(phone_state(phone), key, value) < 0 ? -LETHE_E_INTERNAL : 0;
}

void phone_leave(struct phone *phone, enum lethe_phone_mode mode, uint32_t after_ms)
{
    /* A century: JSON's integers and everybody's arithmetic can take it. */
    uint64_t away = after_ms == PHONE_FOREVER ? 100ull * 365 * 86400 * 1000 : after_ms;
    phone_set(phone, "mode", json_string(lethe_phone_mode_name(mode)));
    phone_set(phone, "generation", json_integer((json_int_t)phone_generation(phone) + 1));
    phone_set(phone, "away_until", json_integer((json_int_t)(lethe_now_ms() + away)));
}

void phone_due(struct phone *phone, const char *verb, uint32_t after_ms)
{
    phone_set(phone, "due",
              json_pack("{s:I, s:s}", "at", (json_int_t)(lethe_now_ms() + after_ms), "verb", verb));
}
