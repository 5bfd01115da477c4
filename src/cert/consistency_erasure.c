/* SPDX-License-Identifier: Apache-2.0 */
/* Passes and exceptions: did it do all of it? */
#include "cert/checking.h"
#include "cert/technique.h"
#include <lethe/certificate.h>
#include <string.h>

/* A certificate shows so many ranges; with more it says "truncated". */
#define RANGES_MAX 64
/* Of a device that passed at most this fraction may have been left (a hundredth). */
#define EXCEPTIONS_SHARE 100

static uint64_t sector_of(const struct lethe_node *claims)
{
    uint64_t block = number(lethe_node_get(claims, "device"), "logical_block");
    return block ? block : 512;
}

uint64_t lethe_excepted_bytes(const struct lethe_node *claims)
{
    uint64_t sectors = number(lethe_node_get(claims, "exceptions"), "sectors"), bytes;
    return __builtin_mul_overflow(sectors, sector_of(claims), &bytes) ? UINT64_MAX : bytes;
}

/* [[offset, length], ...]: sorted, apart, inside; and they are as many sectors as are said. */
void lethe_check_ranges(struct checking *c)
{
    const struct lethe_node *exceptions = lethe_node_get(c->claims, "exceptions"), *range;
    const struct lethe_node *ranges = lethe_node_get(exceptions, "ranges");
    uint64_t capacity = number(lethe_node_get(c->claims, "device"), "capacity");
    uint64_t sector = sector_of(c->claims), sectors = number(exceptions, "sectors");
    uint64_t end = 0, counted = 0, next = 0; /* the first sector that is not counted yet */
    LETHE_NODE_EACH(ranges, range)
    {
        uint64_t at = (uint64_t)lethe_node_integer(lethe_node_at(range, 0));
        uint64_t length = (uint64_t)lethe_node_integer(lethe_node_at(range, 1));
        if (length == 0 || (range != lethe_node_first(ranges) && at <= end) || at > capacity ||
            length > capacity - at) {
            CONTRADICTION(c, "exceptions", "the ranges are not sorted, apart and on the device");
            return;
        }
        end = at + length;
        uint64_t first = at / sector, after = (end - 1) / sector + 1;
        counted += after - (first > next ? first : next);
        next = after;
    }
    if (truth(exceptions, "truncated") ? counted > sectors : counted != sectors)
        CONTRADICTION(c, "exceptions", "the ranges are %llu sectors, not %llu",
                      (unsigned long long)counted, (unsigned long long)sectors);
}

static void check_share(struct checking *c, uint64_t capacity, uint64_t most_errors, bool passes)
{
    const struct lethe_node *exceptions = lethe_node_get(c->claims, "exceptions");
    uint64_t sectors = number(exceptions, "sectors");
    if (lethe_excepted_bytes(c->claims) > capacity / EXCEPTIONS_SHARE)
        CONTRADICTION(c, "exceptions", "more than a hundredth of the device was left as it was");
    if (passes && (most_errors > sectors || (sectors > 0 && most_errors == 0)))
        CONTRADICTION(c, "exceptions", "the passes left %llu sectors, the exceptions are %llu",
                      (unsigned long long)most_errors, (unsigned long long)sectors);
    if (truth(exceptions, "truncated") &&
        lethe_node_size(lethe_node_get(exceptions, "ranges")) != RANGES_MAX)
        CONTRADICTION(c, "exceptions", "ranges were left out before there were too many");
}

void lethe_check_passes(struct checking *c)
{
    const struct lethe_node *device = lethe_node_get(c->claims, "device"), *pass;
    const struct lethe_node *technique = lethe_node_get(c->claims, "technique");
    const struct lethe_known_technique *known = lethe_known_technique(text(technique, "name"));
    const struct lethe_node *followed = lethe_node_get(technique, "followed_by");
    const struct lethe_node *passes = lethe_node_get(followed ? followed : technique, "passes");
    uint64_t capacity = number(device, "capacity"), block = number(device, "logical_block");
    uint64_t most_errors = 0;
    size_t n = 0;
    if (capacity == 0)
        CONTRADICTION(c, "capacity", "a device without capacity");
    if (block < 512 || (block & (block - 1)) != 0)
        CONTRADICTION(c, "capacity", "no device has sectors of %llu bytes",
                      (unsigned long long)block);
    else if (capacity % block != 0)
        CONTRADICTION(c, "capacity", "%llu bytes are no number of sectors of %llu",
                      (unsigned long long)capacity, (unsigned long long)block);
    if (((known && known->host) || followed) && lethe_node_size(passes) == 0)
        CONTRADICTION(c, "passes", "an overwrite without passes");
    if (followed && strcmp(text(followed, "name"), "overwrite") != 0)
        CONTRADICTION(c, "technique", "\"%.40s\" is no overwrite", text(followed, "name"));
    if (known && !truth(technique, "observed") &&
        (!known->host || lethe_node_get(technique, "observed")))
        CONTRADICTION(c, "technique", "an erasure whose end nobody observed");
    if (known && !known->host && !lethe_node_get(technique, "commands"))
        CONTRADICTION(c, "technique", "by %s, and what was sent is not told", known->name);
    if (known && !known->host &&
        !lethe_is_limited(c->claims, "Spare and reallocated areas can be read by no host"))
        CONTRADICTION(c, "technique", "its limitations do not say what no host can read");
    if (known && strcmp(known->name, "mmc-sanitize") == 0 &&
        !lethe_is_limited(c->claims, "SANITIZE_START was accepted and answered"))
        CONTRADICTION(c, "technique", "its limitations do not say what nobody can observe");
    LETHE_NODE_EACH(passes, pass)
    {
        uint64_t bytes = number(pass, "bytes"), errors = number(pass, "errors"), left;
        n++;
        if (__builtin_mul_overflow(errors, block, &left) || bytes > capacity ||
            capacity - bytes != left)
            CONTRADICTION(c, "passes", "pass %zu wrote %llu bytes of %llu and left %llu sectors", n,
                          (unsigned long long)bytes, (unsigned long long)capacity,
                          (unsigned long long)errors);
        most_errors = errors > most_errors ? errors : most_errors;
    }
    check_share(c, capacity, most_errors, n > 0);
}
