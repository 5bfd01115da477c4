/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An emulated NVMe controller as an NVMe/TCP target on the loopback (NVMe over Fabrics 1.1,
 * NVMe/TCP transport), one process a queue.
 *     vm_nvme_tcp EMULATION.yaml NAME PORT
 * wants nothing; the host then says
 *     nvme connect -t tcp -a 127.0.0.1 -s PORT -n nqn.2026-01.invalid.lethe:NAME -k 0
 * (-k 0: a Format blocks the admin queue longer than a keep-alive). Prints "ready: port PORT".
 */
#include "served.h"

#include "emu/model/bytes.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define DATA_MAX ((size_t)2 << 20)
enum { IC_REQUEST, IC_RESPONSE, CAPSULE = 4, RESPONSE, H2C_DATA, C2H_DATA, R2T = 9 };

static struct served served;
static char nqn[96];
static int line = -1;
static uint8_t data[DATA_MAX];
/* Of the controller, all queues together. */
static struct {
    uint32_t configuration, status;
} * properties;

static void get_all(void *to, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = read(line, (uint8_t *)to + done, n - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            _exit(0);
        done += (size_t)got;
    }
}

static void put_all(const void *from, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t put = write(line, (const uint8_t *)from + done, n - done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            _exit(0);
        done += (size_t)put;
    }
}

/* Common header: type, flags, length of the header, offset of data, length of all. */
static void header(uint8_t *pdu, unsigned type, unsigned flags, size_t len, size_t with_data)
{
    memset(pdu, 0, len);
    pdu[0] = (uint8_t)type;
    pdu[1] = (uint8_t)flags;
    pdu[2] = (uint8_t)len;
    pdu[3] = with_data ? (uint8_t)len : 0;
    put_le(pdu + 4, 4, len + with_data);
}

static void greet(void)
{
    uint8_t request[128], response[128];
    get_all(request, sizeof(request));
    if (request[0] != IC_REQUEST)
        _exit(1);
    header(response, IC_RESPONSE, 0, sizeof(response), 0);
    put_le(response + 12, 4, DATA_MAX); /* MAXH2CDATA */
    put_all(response, sizeof(response));
}

static void respond(const uint8_t *command, uint16_t status, uint64_t result)
{
    uint8_t pdu[24];
    header(pdu, RESPONSE, 0, sizeof(pdu), 0);
    put_le(pdu + 8, 8, result);
    put_le(pdu + 16, 2, 0); /* submission queue head: flow control is off */
    memcpy(pdu + 20, command + 2, 2);
    put_le(pdu + 22, 2, (uint64_t)status << 1);
    put_all(pdu, sizeof(pdu));
}

static void give(const uint8_t *command, size_t n)
{
    uint8_t pdu[24];
    header(pdu, C2H_DATA, 4 /* last */, sizeof(pdu), n);
    memcpy(pdu + 8, command + 2, 2);
    put_le(pdu + 16, 4, n);
    put_all(pdu, sizeof(pdu));
    put_all(data, n);
}

static void skip(size_t n)
{
    uint8_t nothing[256];
    for (size_t part; n > 0; n -= part) {
        part = n < sizeof(nothing) ? n : sizeof(nothing);
        get_all(nothing, part);
    }
}

/* Commands that wait; no more than the queue has entries. They have no data of their own. */
static struct {
    uint8_t pdu[128][72];
    unsigned first, count;
} waiting;

static void put_aside(const uint8_t common[8])
{
    if (waiting.count == 128 || get_le(common + 4, 4) != 72)
        _exit(1);
    uint8_t *pdu = waiting.pdu[(waiting.first + waiting.count++) % 128];
    memcpy(pdu, common, 8);
    get_all(pdu + 8, 64);
}

static void next(uint8_t pdu[72])
{
    if (waiting.count == 0) {
        get_all(pdu, 72);
        return;
    }
    memcpy(pdu, waiting.pdu[waiting.first], 72);
    waiting.first = (waiting.first + 1) % 128;
    waiting.count--;
}

/* Data out that wasn't in the capsule: asked for in one piece, comes in any number. */
static void fetch(const uint8_t *command, size_t n)
{
    uint8_t pdu[24];
    header(pdu, R2T, 0, sizeof(pdu), 0);
    memcpy(pdu + 8, command + 2, 2);
    put_le(pdu + 16, 4, n);
    put_all(pdu, sizeof(pdu));
    for (size_t got = 0; got < n;) {
        get_all(pdu, 8);
        if (pdu[0] == CAPSULE) { /* the next command came before this one's data */
            put_aside(pdu);
            continue;
        }
        get_all(pdu + 8, sizeof(pdu) - 8);
        size_t at = get_le(pdu + 12, 4), part = get_le(pdu + 16, 4);
        if (pdu[0] != H2C_DATA || at > n || part > n - at)
            _exit(1);
        skip(pdu[3] > sizeof(pdu) ? pdu[3] - sizeof(pdu) : 0);
        get_all(data + at, part);
        got += part;
    }
}

/* ---- Fabrics commands ---- */

static void property_get(const uint8_t *command)
{
    uint64_t value = 0;
    switch (get_le(command + 44, 4)) {
    case 0x00: /* CAP: 128 entries, contiguous, 10 s, NVM command set */
        value = 127 | 1u << 16 | 20u << 24 | 1ULL << 37;
        break;
    case 0x08:
        value = 0x010400;
        break;
    case 0x14:
        value = properties->configuration;
        break;
    case 0x1c:
        value = properties->status;
        break;
    default:
        break;
    }
    respond(command, 0, value);
}

static void property_set(const uint8_t *command)
{
    if (get_le(command + 44, 4) == 0x14) {
        uint32_t cc = (uint32_t)get_le(command + 48, 4);
        properties->configuration = cc;
        properties->status = (cc & 1) | (cc >> 14 & 3 ? 2u << 2 : 0); /* RDY, SHST */
    }
    respond(command, 0, 0);
}

static void fabrics(const uint8_t *command, size_t n)
{
    switch (command[4]) {
    case 0x00:
        property_set(command);
        break;
    case 0x04:
        property_get(command);
        break;
    case 0x01: /* Connect: [256] of the data is the subsystem's name */
        if (n < 1024 || strncmp((const char *)data + 256, nqn, sizeof(nqn)) != 0)
            respond(command, 0x4182, 1u << 16 | 256); /* invalid parameters */
        else
            respond(command, 0, 1); /* controller 1 */
        break;
    default:
        respond(command, 0x4001, 0);
    }
}

/* ---- Admin and I/O ---- */

/* What a controller over fabrics has besides: SGLs, capsule sizes, its name. */
static void add_fabrics(void)
{
    put_le(data + 536, 4, 1u | 1u << 20);
    memset(data + 768, 0, 256);
    memcpy(data + 768, nqn, strlen(nqn));
    put_le(data + 1792, 4, 4); /* capsules of 64 bytes, responses of 16 */
    put_le(data + 1796, 4, 1);
}

static void admin(const uint8_t *command, size_t n, bool in)
{
    struct lethe_command c = {.set = LETHE_SET_NVME,
                              .n_bytes = 64,
                              .direction = n == 0 ? LETHE_DATA_NONE
                                           : in   ? LETHE_DATA_IN
                                                  : LETHE_DATA_OUT,
                              .data = data,
                              .data_len = n};
    if (command[0] == 0x0c) /* Asynchronous Event Request: nothing ever happens */
        return;
    memcpy(c.bytes, command, 64);
    if (in)
        memset(data, 0, n);
    if (lethe_io_command(served.io, &c) < 0)
        kill(0, SIGTERM); /* no power: all queues break */
    uint16_t status = (uint16_t)((uint64_t)c.result >> 32);
    if (status == 0 && in && n > 0) {
        if (command[0] == 0x06 && command[40] == 0x01 && n == 4096)
            add_fabrics();
        give(command, n);
    }
    respond(command, status, (uint32_t)c.result);
}

static uint16_t status_of(ssize_t rc, bool write)
{
    switch (rc) {
    case -EBUSY:
        return served.model->state->sanitize.status == 2 ? 0x01d : 0x084;
    case -EACCES:
        return 0x4286;
    case -EILSEQ:
        return 0x4287; /* deallocated or unwritten */
    case -ENOSPC:
        return 0x4080;
    case -ENXIO:
        return 0x400b;
    default:
        return served.model->state->sanitize.status == 3 ? 0x401c : write ? 0x4280 : 0x4281;
    }
}

static void input_output(const uint8_t *command, size_t n)
{
    uint32_t block = served.model->controller.block, nsid = (uint32_t)get_le(command + 4, 4);
    uint64_t offset = get_le(command + 40, 8) * block;
    size_t len = (size_t)(get_le(command + 48, 2) + 1) * block;
    unsigned opcode = command[0];
    bool write = opcode == 1 || opcode == 8;
    ssize_t rc = 0;
    if (opcode == 0) {
        respond(command, lethe_io_sync(served.io) < 0 ? 0x4280 : 0, 0);
        return;
    }
    if (opcode == 9) { /* Dataset Management: a hint, and we take none */
        respond(command, 0, 0);
        return;
    }
    if (opcode != 1 && opcode != 2 && opcode != 8) {
        respond(command, 0x4001, 0);
        return;
    }
    if (len > DATA_MAX && opcode == 8) {
        respond(command, 0x4002, 0);
        return;
    }
    if (opcode == 8)
        memset(data, 0, len);
    else if (len != n) {
        respond(command, 0x4002, 0);
        return;
    }
    rc = model_transfer(served.io, nsid, data, len, offset, write);
    if (rc == -ENODEV)
        kill(0, SIGTERM);
    bool good = rc == (ssize_t)len;
    if (good && !write)
        give(command, len);
    respond(command, good ? 0 : status_of(rc < 0 ? rc : -ENOSPC, write), 0);
}

static void queue(void)
{
    uint8_t pdu[128];
    bool is_admin = true;
    greet();
    for (;;) {
        next(pdu);
        const uint8_t *command = pdu + 8;
        size_t all = get_le(pdu + 4, 4), n = get_le(command + 32, 4);
        unsigned way = command[0] == 0x7f ? command[4] & 3 : command[0] & 3;
        bool in_capsule = all > 72;
        if (pdu[0] != CAPSULE || all < 72 || all - 72 > DATA_MAX || n > DATA_MAX)
            _exit(1);
        if (way == 0 || way == 3)
            n = 0;
        if (in_capsule) {
            size_t gap = pdu[3] > 72 ? pdu[3] - 72u : 0;
            skip(gap);
            get_all(data, all - 72 - gap);
            n = n < all - 72 - gap ? n : all - 72 - gap;
        } else if (way == 1 && n > 0) {
            fetch(command, n);
        }
        if (command[0] == 0x7f) {
            if (command[4] == 0x01)
                is_admin = get_le(command + 42, 2) == 0;
            fabrics(command, n);
        } else if (is_admin) {
            admin(command, n, way == 2);
        } else {
            input_output(command, n);
        }
    }
}

static int listen_on(unsigned port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 16) < 0)
        die("port %u: %s", port, strerror(errno));
    return fd;
}

int main(int argc, char **argv)
{
    int one = 1;
    if (argc < 4)
        die("usage: vm_nvme_tcp EMULATION.yaml NAME PORT");
    serve(&served, argv[1], argv[2]);
    if (served.model->controller.kind != MODEL_NVME ||
        served.model->controller.bridge != BRIDGE_NONE)
        die("%s is no NVMe controller of its own", argv[2]);
    snprintf(nqn, sizeof(nqn), "nqn.2026-01.invalid.lethe:%s", argv[2]);
    properties =
        mmap(NULL, sizeof(*properties), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (properties == MAP_FAILED)
        die("mmap: %s", strerror(errno));
    (void)setpgid(0, 0); /* the queues are our group */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    int fd = listen_on((unsigned)atoi(argv[3]));
    printf("ready: port %s\n", argv[3]);
    fflush(stdout);
    for (;;) {
        line = accept(fd, NULL, NULL);
        if (line < 0)
            continue;
        (void)setsockopt(line, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        if (fork() == 0) {
            close(fd);
            queue();
        }
        close(line);
    }
}
