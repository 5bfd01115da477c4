/* SPDX-License-Identifier: Apache-2.0 */
/* Small reads from sysfs and procfs. A missing attribute is an ordinary answer there, not an error:
 * these return false or a default. Paths are printf formats. */
#ifndef LETHE_SCAN_SYSFS_H
#define LETHE_SCAN_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* As it is, without the final newline; for names that go back into the system (paths, dm names). */
bool lethe_sys_raw(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What a device says: cleaned by lethe_text_clean(). */
bool lethe_sys_text(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Decimal, or hexadecimal with "0x"; MISSING when absent or malformed. */
uint64_t lethe_sys_u64(uint64_t missing, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Binary attributes; bytes read, at most SIZE, 0 when absent or larger. */
size_t lethe_sys_bytes(void *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Last component of where a symbolic link points. */
bool lethe_sys_link(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool lethe_sys_exists(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The number at the start of TEXT; what follows it, or NULL when there is none or it is too large.
 */
const char *lethe_number_parse(const char *text, int base, unsigned *out);
/* "8:16"; 0 when malformed. */
dev_t lethe_dev_parse(const char *text);
/* "8:16" from a `dev` attribute; 0 when absent. */
dev_t lethe_sys_dev(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
