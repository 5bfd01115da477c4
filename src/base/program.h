/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs of ours that are no process of the supervisor: each has one job, holds no key, and gets
 * one socket and nothing else of what we have open.
 */
#ifndef LETHE_BASE_PROGRAM_H
#define LETHE_BASE_PROGRAM_H

#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A sanitizer's runtime makes the very system calls that a sandbox forbids, and speaks on stderr.
 */
#if defined(__SANITIZE_ADDRESS__)
#define LETHE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LETHE_SANITIZED 1
#endif
#endif
#ifndef LETHE_SANITIZED
#define LETHE_SANITIZED 0
#endif

/* Path of NAME: beside the program that runs, or where it was installed. -LETHE_E_NOT_FOUND. */
int lethe_program_find(const char *name, char *out, size_t out_size, struct lethe_error *err);

/* Start PATH with SOCKET as its descriptor AT (0 or 3); the others below 3 are /dev/null, above it
 * there are none. 0, or an errno. */
int lethe_program_spawn(const char *path, char *const argv[], char *const environment[], int socket,
                        int at, pid_t *pid);

/* One that is asked over a stream socket, its descriptor 0. */
struct lethe_program {
    pid_t pid;
    int socket;
    unsigned patience_ms;
};
/* ENVIRONMENT is all that it gets of ours. */
int lethe_program_open(const char *name, char *const environment[], unsigned patience_ms,
                       struct lethe_program *out, struct lethe_error *err);
/* Kills it: it holds nothing that could be lost. */
void lethe_program_close(struct lethe_program *program);

/* All LEN bytes, or false: it has ended, or it took longer than twice the patience, drop by drop.
 * For its own side as well, with {0, STDIN_FILENO, ms}. */
bool lethe_program_send(const struct lethe_program *program, const void *data, size_t len);
bool lethe_program_receive(const struct lethe_program *program, void *data, size_t len);

#endif
