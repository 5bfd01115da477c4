/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/sanitize.h"

const char *lethe_sanitize_state_name(enum lethe_sanitize_state state)
{
    static const char *const names[] = {"unknown", "idle", "running", "succeeded", "failed"};
    return (unsigned)state < sizeof names / sizeof *names ? names[state] : names[0];
}

const char *lethe_sanitize_action_name(enum lethe_sanitize_action action)
{
    static const char *const names[] = {"crypto", "block", "overwrite"};
    return (unsigned)action < sizeof names / sizeof *names ? names[action] : "unknown";
}
