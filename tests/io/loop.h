/* SPDX-License-Identifier: Apache-2.0 */
/* A loop device over an unlinked file in memory, for tests that want a real block device. */
#ifndef TEST_LOOP_H
#define TEST_LOOP_H

#include <stddef.h>
#include <stdint.h>

struct test_loop {
    int fd, backing;
    char node[32];
};

/* NULL, or why there is none here (to be printed with the skip). */
const char *test_loop_attach(struct test_loop *loop, uint64_t size);
/* The file behind it becomes smaller: the device with it. */
int test_loop_shrink(struct test_loop *loop, uint64_t size);
void test_loop_detach(struct test_loop *loop);

#endif
