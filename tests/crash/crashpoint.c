/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into the program under test and its workers: counts what reaches a disk, over all
 * processes, and at the count asked for stops the caller dead, just before the call, until the
 * test kills everything. No line of this is in the product.
 *
 * LETHE_CRASH_FILE   16 bytes shared: u32 syncs, u32 writes, u32 stopped, u32 unused
 * LETHE_CRASH_SYNC   stop before sync number N (fsync, fdatasync, rename)
 * LETHE_CRASH_WRITE  stop before write number N (pwrite, and what goes into a ring)
 */
/* Both names are wanted, not one behind the other. */
#undef _FILE_OFFSET_BITS
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct counters {
    _Atomic uint32_t syncs, writes, stopped, unused;
};
static struct counters *counters;
static uint32_t stop_sync, stop_write;

static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_rename)(const char *, const char *);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pwrite64)(int, const void *, size_t, off64_t);

__attribute__((constructor)) static void begin(void)
{
    real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    real_rename = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    real_pwrite = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
    real_pwrite64 = (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    const char *file = getenv("LETHE_CRASH_FILE");
    int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *map = mmap(NULL, sizeof(*counters), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        return;
    counters = map;
    const char *sync = getenv("LETHE_CRASH_SYNC"), *write = getenv("LETHE_CRASH_WRITE");
    stop_sync = sync ? (uint32_t)strtoul(sync, NULL, 10) : 0;
    stop_write = write ? (uint32_t)strtoul(write, NULL, 10) : 0;
}

static void count(bool sync)
{
    if (!counters)
        return;
    uint32_t stop = sync ? stop_sync : stop_write;
    uint32_t now = atomic_fetch_add(sync ? &counters->syncs : &counters->writes, 1) + 1;
    if (stop && now == stop)
        atomic_store(&counters->stopped, 1);
    /* Once the lights are out, nothing more reaches the disk from anybody. */
    while (atomic_load(&counters->stopped))
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

int fsync(int fd)
{
    count(true);
    return real_fsync(fd);
}

int fdatasync(int fd)
{
    count(true);
    return real_fdatasync(fd);
}

int rename(const char *from, const char *to)
{
    count(true);
    return real_rename(from, to);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
    count(false);
    return real_pwrite(fd, data, len, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset)
{
    count(false);
    return real_pwrite64(fd, data, len, offset);
}
