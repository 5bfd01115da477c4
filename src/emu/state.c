/* SPDX-License-Identifier: Apache-2.0 */
#include "emu/state.h"

#include <errno.h>
#include <lethe/emu.h>
#include <sys/mman.h>
#include <sys/stat.h>

size_t lethe_emu_state_size(void)
{
    return sizeof(struct lethe_emu_state);
}

int lethe_emu_state_map(int fd, struct lethe_emu_state **out, struct lethe_error *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return lethe_fail_errno(err, errno, "cannot look at the state of the emulated device");
    /* A mapping behind the end of a file would end us with SIGBUS. */
    if ((uint64_t)st.st_size != sizeof(**out))
        return lethe_fail(err, LETHE_E_INVALID,
                          "the state of the emulated device has %lld bytes instead of %zu",
                          (long long)st.st_size, sizeof(**out));
    void *map = mmap(NULL, sizeof(**out), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return lethe_fail_errno(err, errno, "cannot map the state of the emulated device");
    *out = map;
    return 0;
}

void lethe_emu_state_unmap(struct lethe_emu_state *state)
{
    if (state)
        munmap(state, sizeof(*state));
}

json_t *lethe_emu_state_to_json(const struct lethe_emu_state *state)
{
    json_t *slots = json_array();
    for (size_t i = 0; i < LETHE_FAULTS_MAX; i++)
        json_array_append_new(slots,
                              json_pack("{s:I, s:b}", "fired", (json_int_t)state->slots[i].fired,
                                        "latched", (int)state->slots[i].latched));
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "power",
                     state->off ? "off" : "on", "generation", (json_int_t)state->generation,
                     "reads", (json_int_t)state->reads, "writes", (json_int_t)state->writes,
                     "syncs", (json_int_t)state->syncs, "bytes_read", (json_int_t)state->bytes_read,
                     "bytes_written", (json_int_t)state->bytes_written, "unflushed",
                     (json_int_t)state->undo_end, "faults", slots);
}
