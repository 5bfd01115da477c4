/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An emulated drive as a SCSI disk of the kernel: TCMU and tcm_loop (user-mode-linux has both).
 *     vm_tcmu EMULATION.yaml NAME [NUMBER]
 * wants modules target_core_user and tcm_loop, configfs on /sys/kernel/config, /dev/uioN. NUMBER
 * (0 to 255) keeps several apart. Prints "ready: /dev/sdX". Ends with TERM, removing the disk.
 */
#include "served.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#define __LINUX_UIO_H /* it has iovec as <sys/uio.h> has */
#include <linux/target_core_user.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define CORE "/sys/kernel/config/target/core"
#define LOOP "/sys/kernel/config/target/loopback"
#define DATA_MAX ((size_t)4 << 20)

static struct served served;
static uint8_t data[DATA_MAX];
static volatile sig_atomic_t stopped;

static void on_stop(int number)
{
    (void)number;
    stopped = 1;
}

struct paths {
    char hba[96], core[128], fabric[96], group[128], lun[160], link[192];
    char naa[32], uio_name[96];
};

static void name_all(struct paths *p, const char *name, unsigned number)
{
    snprintf(p->hba, sizeof(p->hba), CORE "/user_%u", 100 + number);
    snprintf(p->core, sizeof(p->core), "%s/%s", p->hba, name);
    snprintf(p->naa, sizeof(p->naa), "naa.60014050000000%02x", number);
    snprintf(p->fabric, sizeof(p->fabric), LOOP "/%s", p->naa);
    snprintf(p->group, sizeof(p->group), "%s/tpgt_1", p->fabric);
    snprintf(p->lun, sizeof(p->lun), "%s/lun/lun_0", p->group);
    snprintf(p->link, sizeof(p->link), "%s/disk", p->lun);
    snprintf(p->uio_name, sizeof(p->uio_name), "tcm-user/%u/%s/", 100 + number, name);
}

static void make(const char *path)
{
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        die("%s: %s", path, strerror(errno));
}

static void set(const char *folder, const char *file, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, file);
    int rc = put_file(path, text);
    if (rc < 0)
        die("%s: %s", path, strerror(-rc));
}

static void make_core(const struct paths *p)
{
    char control[160];
    /* A drive of 520-byte blocks has no capacity for the host, but some for the target. */
    snprintf(control, sizeof(control),
             "dev_size=%llu,hw_block_size=%u,dev_config=lethe/disk,nl_reply_supported=-1",
             (unsigned long long)served.model->controller.capacity, served.model->controller.block);
    make(CORE);
    make(p->hba);
    make(p->core);
    set(p->core, "control", control);
    set(p->core, "enable", "1");
    set(p->core, "attrib/cmd_time_out", "0"); /* an erasure takes as long as it takes */
}

static int open_ring(const struct paths *p, struct tcmu_mailbox **ring)
{
    DIR *dir = opendir("/sys/class/uio");
    struct dirent *entry;
    char path[300];
    int fd = -1;
    while (dir && fd < 0 && (entry = readdir(dir))) {
        snprintf(path, sizeof(path), "/sys/class/uio/%s/name", entry->d_name);
        if (strncmp(get_file(path), p->uio_name, strlen(p->uio_name)) != 0)
            continue;
        snprintf(path, sizeof(path), "/sys/class/uio/%s/maps/map0/size", entry->d_name);
        size_t size = strtoull(get_file(path), NULL, 0);
        snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
        fd = open(path, O_RDWR | O_CLOEXEC);
        if (fd < 0)
            die("%s: %s", path, strerror(errno));
        void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (map == MAP_FAILED)
            die("%s: %s", path, strerror(errno));
        *ring = map;
    }
    if (dir)
        closedir(dir);
    if (fd < 0)
        die("no uio device has the name %s", p->uio_name);
    return fd;
}

/* Copies between the entry's segments and the buffer. */
static size_t gather(struct tcmu_mailbox *ring, const struct tcmu_cmd_entry *entry, bool out,
                     size_t limit)
{
    size_t done = 0;
    for (uint32_t i = 0; i < entry->req.iov_cnt; i++) {
        size_t n = entry->req.iov[i].iov_len;
        uint8_t *at = (uint8_t *)ring + (size_t)entry->req.iov[i].iov_base;
        n = n < limit - done ? n : limit - done;
        if (out)
            memcpy(at, data + done, n);
        else
            memcpy(data + done, at, n);
        done += n;
    }
    return done;
}

/* The length of a CDB by its group; the vendor's are of 16 with us. */
static size_t cdb_length(const uint8_t *cdb)
{
    static const uint8_t lengths[8] = {6, 10, 10, 16, 16, 12, 16, 16};
    return lengths[cdb[0] >> 5];
}

static void answer(struct tcmu_mailbox *ring, struct tcmu_cmd_entry *entry)
{
    const uint8_t *cdb = (const uint8_t *)ring + entry->req.cdb_off;
    struct lethe_command c = {.set = LETHE_SET_SCSI, .data = data, .n_bytes = cdb_length(cdb)};
    memcpy(c.bytes, cdb, c.n_bytes);
    memset(data, 0, 512);
    c.data_len = gather(ring, entry, false, DATA_MAX);
    c.direction = cdb_direction(cdb, c.data_len);
    int rc = lethe_io_command(served.io, &c);
    if (rc < 0) { /* it has no power, or it hung up: what a host adapter would say */
        fprintf(stderr, "command %02x: %s\n", cdb[0], strerror(-rc));
        (void)scsi_sense(&c, rc == -ENODEV ? 2 : 11, rc == -ENODEV ? 0x3a00 : 0x0000);
    }
    bool in = rc == 0 && c.direction == LETHE_DATA_IN;
    if (in)
        (void)gather(ring, entry, true, c.data_len);
    /* From here on the request is no more: the response takes its place. */
    memset(&entry->rsp, 0, sizeof(entry->rsp));
    if (in) {
        entry->hdr.uflags |= TCMU_UFLAG_READ_LEN;
        entry->rsp.read_len = (uint32_t)c.transferred;
    }
    entry->rsp.scsi_status = (uint8_t)c.result;
    size_t n = c.n_sense < TCMU_SENSE_BUFFERSIZE ? c.n_sense : TCMU_SENSE_BUFFERSIZE;
    memcpy(entry->rsp.sense_buffer, c.sense, n);
}

static void work(struct tcmu_mailbox *ring)
{
    for (;;) {
        uint32_t tail = ring->cmd_tail;
        if (tail == *(volatile uint32_t *)&ring->cmd_head)
            return;
        atomic_thread_fence(memory_order_acquire);
        struct tcmu_cmd_entry *entry =
            (struct tcmu_cmd_entry *)((uint8_t *)ring + ring->cmdr_off + tail);
        unsigned op = tcmu_hdr_get_op(entry->hdr.len_op);
        if (op == TCMU_OP_CMD)
            answer(ring, entry);
        else if (op != TCMU_OP_PAD)
            entry->hdr.uflags |= TCMU_UFLAG_UNKNOWN_OP;
        atomic_thread_fence(memory_order_release);
        ring->cmd_tail = (tail + tcmu_hdr_get_len(entry->hdr.len_op)) % ring->cmdr_size;
    }
}

/* The LUN makes the kernel ask who it is, so it is linked by a child while we answer. */
static void make_lun(const struct paths *p)
{
    struct timespec tick = {.tv_nsec = 10000000};
    char path[256];
    if (fork() != 0)
        return;
    make(LOOP);
    make(p->fabric);
    make(p->group);
    snprintf(path, sizeof(path), "%s/nexus", p->group);
    (void)put_file(path, p->naa);
    make(p->lun);
    if (symlink(p->core, p->link) < 0)
        die("%s: %s", p->link, strerror(errno));
    snprintf(path, sizeof(path), "%s/address", p->group);
    unsigned host = 0, channel, target;
    sscanf(get_file(path), "%u:%u:%u", &host, &channel, &target);
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof(path), "/sys/class/scsi_device/%u:0:1:0/device/block", host);
        DIR *dir = opendir(path);
        struct dirent *entry = NULL;
        while (dir && (entry = readdir(dir)) && entry->d_name[0] == '.')
            ;
        if (entry) {
            printf("ready: /dev/%s\n", entry->d_name);
            fflush(stdout);
            _exit(0);
        }
        if (dir)
            closedir(dir);
        nanosleep(&tick, NULL);
    }
    die("the kernel made no disk");
}

static void unmake(const struct paths *p, struct tcmu_mailbox *ring, int fd)
{
    pid_t child = fork();
    if (child == 0) {
        (void)unlink(p->link);
        (void)rmdir(p->lun);
        (void)rmdir(p->group);
        (void)rmdir(p->fabric);
        (void)rmdir(p->core);
        (void)rmdir(p->hba);
        _exit(0);
    }
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    for (int i = 0; i < 50; i++) { /* it flushes: who took the disk away answers that too */
        uint32_t events, zero = 0;
        if (poll(&poller, 1, 20) > 0 && read(fd, &events, sizeof(events)) > 0) {
            work(ring);
            (void)!write(fd, &zero, sizeof(zero));
        }
    }
}

int main(int argc, char **argv)
{
    struct tcmu_mailbox *ring = NULL;
    struct paths p;
    if (argc < 3)
        die("usage: vm_tcmu EMULATION.yaml NAME [NUMBER]");
    serve(&served, argv[1], argv[2]);
    name_all(&p, argv[2], argc > 3 ? (unsigned)atoi(argv[3]) & 255 : 0);
    make_core(&p);
    int fd = open_ring(&p, &ring);
    struct sigaction action = {.sa_handler = on_stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    make_lun(&p);
    while (!stopped) {
        uint32_t events, zero = 0;
        if (read(fd, &events, sizeof(events)) < 0) {
            if (errno == EINTR)
                continue;
            die("the ring: %s", strerror(errno));
        }
        work(ring);
        if (write(fd, &zero, sizeof(zero)) < 0)
            die("the ring: %s", strerror(errno));
    }
    unmake(&p, ring, fd);
    return 0;
}
