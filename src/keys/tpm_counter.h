/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A counter in a TPM's NV memory, which only grows: it counts the entries of the bench's log, so
 * that an old copy of the state directory is found out without a witness. DIR/trust/log.counter
 * says which it is, and what it stood at when the log was empty.
 */
#ifndef LETHE_KEYS_TPM_COUNTER_H
#define LETHE_KEYS_TPM_COUNTER_H

#include <lethe/error.h>
#include <stdint.h>

/* Make one in the TPM of URI ("handle:", with its tcti), which stands at AT from now on.
 * -LETHE_E_REFUSED: DIR has one. */
int lethe_tpm_counter_make(const char *dir, const char *uri, uint64_t at, struct lethe_error *err);
/* Raise it to TO; *KNOWN is what it stood at. -LETHE_E_NOT_FOUND: DIR names none;
 * -LETHE_E_CHANGED: it is beyond TO already. */
int lethe_tpm_counter_raise(const char *dir, uint64_t to, uint64_t *known, struct lethe_error *err);

#endif
