/* SPDX-License-Identifier: Apache-2.0 */
/* A device of one bulk pipe as a kernel sees it: the requests of vhci_hcd, written by hand. */
#include "emu/usb/pipe.h"

#include "emu/model/bytes.h"
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
/* cmocka.h wants the headers above */
#include <cmocka.h>

#define SUBMIT 1
#define UNLINK 2
#define SUBMITTED 3
#define UNLINKED 4

struct port {
    int host, line;  /* the kernel's end, the device's */
    int phone, link; /* what is in the device, the pipe's end */
    struct lethe_face face;
    pthread_t thread;
    int end;
    atomic_bool gone;
    uint32_t sequence;
};

static bool stays(void *user)
{
    const struct port *port = user;
    return !port->gone;
}

static void *serve(void *user)
{
    struct port *port = user;
    struct lethe_error err = {0};
    const struct lethe_pipe pipe = {port->line, port->link, &port->face, stays, port};
    port->end = lethe_pipe_serve(&pipe, &err);
    close(port->line);
    return NULL;
}

static int plug(void **state)
{
    static struct port port;
    int pair[2];
    port = (struct port){0};
    port.face = (struct lethe_face){.vendor = 0x18d1,
                                    .product = 0x4ee7,
                                    .release = 0x0440,
                                    .texts = {"Acme", "Model One", "SERIAL1", "ADB Interface"}};
    lethe_face_bulk(&port.face, 0xff, 0x42, 1, 4);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    port.host = pair[0];
    port.line = pair[1];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    port.phone = pair[0];
    port.link = pair[1];
    assert_int_equal(pthread_create(&port.thread, NULL, serve, &port), 0);
    *state = &port;
    return 0;
}

/* The host lets go, unless the device left before. */
static int unplug(void **state)
{
    struct port *port = *state;
    close(port->host);
    pthread_join(port->thread, NULL);
    close(port->phone);
    close(port->link);
    return 0;
}

static uint32_t ask(struct port *port, uint32_t command, bool in, uint8_t endpoint,
                    const uint8_t *setup, uint32_t victim, const void *data, uint32_t length)
{
    uint8_t header[48] = {0};
    put_be(header, 4, command);
    put_be(header + 4, 4, ++port->sequence);
    put_be(header + 12, 4, in);
    put_be(header + 16, 4, endpoint);
    put_be(header + 20, 4, command == UNLINK ? victim : 0);
    if (command == SUBMIT)
        put_be(header + 24, 4, length);
    if (setup)
        memcpy(header + 40, setup, 8);
    assert_int_equal(write(port->host, header, sizeof(header)), sizeof(header));
    if (command == SUBMIT && !in && length > 0)
        assert_int_equal(write(port->host, data, length), length);
    return port->sequence;
}

/* The next answer: its status; DATA gets what an IN request brought. */
static int answer(struct port *port, uint32_t command, uint32_t sequence, bool in, void *data,
                  size_t *n)
{
    uint8_t header[48];
    size_t length;
    assert_int_equal(recv(port->host, header, sizeof(header), MSG_WAITALL), sizeof(header));
    assert_int_equal(get_be(header, 4), command);
    assert_int_equal(get_be(header + 4, 4), sequence);
    length = get_be(header + 24, 4);
    if (in && length > 0)
        assert_int_equal(recv(port->host, data, length, MSG_WAITALL), length);
    if (n)
        *n = length;
    return (int)(int32_t)get_be(header + 20, 4);
}

static int control(struct port *port, const uint8_t setup[8], uint8_t *data, size_t *n)
{
    bool in = setup[0] & 0x80;
    uint32_t sequence = ask(port, SUBMIT, in, 0, setup, 0, NULL, (uint32_t)get_le(setup + 6, 2));
    return answer(port, SUBMITTED, sequence, in, data, n);
}

static void out(struct port *port, const void *data, uint32_t n)
{
    size_t taken;
    uint32_t sequence = ask(port, SUBMIT, false, 1, NULL, 0, data, n);
    assert_int_equal(answer(port, SUBMITTED, sequence, false, NULL, &taken), 0);
    assert_int_equal(taken, n);
}

static void enumerates(void **state)
{
    struct port *port = *state;
    uint8_t data[256];
    size_t n;
    assert_int_equal(control(port, (uint8_t[]){0x80, 6, 0, 1, 0, 0, 18, 0}, data, &n), 0);
    assert_int_equal(n, 18);
    assert_int_equal(get_le(data + 8, 2), 0x18d1);
    assert_int_equal(get_le(data + 10, 2), 0x4ee7);
    assert_memory_equal(data + 14, ((uint8_t[]){1, 2, 3, 1}), 4);
    /* A short read of the configuration, as hosts begin. */
    assert_int_equal(control(port, (uint8_t[]){0x80, 6, 0, 2, 0, 0, 9, 0}, data, &n), 0);
    assert_int_equal(n, 9);
    assert_int_equal(get_le(data + 2, 2), 32);
    assert_int_equal(control(port, (uint8_t[]){0x80, 6, 3, 3, 9, 4, 255, 0}, data, &n), 0);
    assert_int_equal(n, 16);
    assert_memory_equal(data + 2, "S\0E\0R\0I\0A\0L\0001\0", 14);
    /* No such text, no such request: a stall, and the device goes on. */
    assert_int_equal(control(port, (uint8_t[]){0x80, 6, 9, 3, 9, 4, 255, 0}, data, &n), -EPIPE);
    assert_int_equal(control(port, (uint8_t[]){0xc0, 0x45, 0, 0, 0, 0, 4, 0}, data, &n), -EPIPE);
    assert_int_equal(control(port, (uint8_t[]){0x00, 9, 1, 0, 0, 0, 0, 0}, data, &n), 0);
    assert_int_equal(control(port, (uint8_t[]){0x80, 8, 0, 0, 0, 0, 1, 0}, data, &n), 0);
    assert_int_equal(data[0], 1);
}

static void a_transfer_is_a_datagram(void **state)
{
    struct port *port = *state;
    char heard[64];
    out(port, "CNXN", 4);
    assert_int_equal(recv(port->phone, heard, sizeof(heard), 0), 4);
    assert_memory_equal(heard, "CNXN", 4);
    out(port, "", 0); /* the end of a transfer of whole packets: nothing to hear */
    out(port, "next", 4);
    assert_int_equal(recv(port->phone, heard, sizeof(heard), 0), 4);
}

static void reads_wait_for_the_device(void **state)
{
    struct port *port = *state;
    char data[512];
    size_t n;
    uint32_t first = ask(port, SUBMIT, true, 1, NULL, 0, NULL, 512);
    uint32_t second = ask(port, SUBMIT, true, 1, NULL, 0, NULL, 512);
    assert_int_equal(send(port->phone, "one", 3, 0), 3);
    assert_int_equal(send(port->phone, "second", 6, 0), 6);
    assert_int_equal(answer(port, SUBMITTED, first, true, data, &n), 0);
    assert_int_equal(n, 3);
    assert_int_equal(answer(port, SUBMITTED, second, true, data, &n), 0);
    assert_int_equal(n, 6);
    assert_memory_equal(data, "second", 6);
}

static void a_long_transfer_goes_on_in_the_next_read(void **state)
{
    struct port *port = *state;
    char data[512];
    size_t n;
    assert_int_equal(send(port->phone, "header and payload", 18, 0), 18);
    uint32_t first = ask(port, SUBMIT, true, 1, NULL, 0, NULL, 6);
    assert_int_equal(answer(port, SUBMITTED, first, true, data, &n), 0);
    assert_int_equal(n, 6);
    uint32_t second = ask(port, SUBMIT, true, 1, NULL, 0, NULL, 512);
    assert_int_equal(answer(port, SUBMITTED, second, true, data, &n), 0);
    assert_int_equal(n, 12);
    assert_memory_equal(data, " and payload", 12);
}

static void what_is_no_longer_wanted(void **state)
{
    struct port *port = *state;
    char data[16];
    size_t n;
    uint32_t read = ask(port, SUBMIT, true, 1, NULL, 0, NULL, 16);
    uint32_t unlink_ = ask(port, UNLINK, false, 0, NULL, read, NULL, 0);
    assert_int_equal(answer(port, UNLINKED, unlink_, false, NULL, NULL), -ECONNRESET);
    /* It was answered long ago, or never was one. */
    unlink_ = ask(port, UNLINK, false, 0, NULL, 4711, NULL, 0);
    assert_int_equal(answer(port, UNLINKED, unlink_, false, NULL, NULL), 0);
    assert_int_equal(send(port->phone, "late", 4, 0), 4);
    read = ask(port, SUBMIT, true, 1, NULL, 0, NULL, 16);
    assert_int_equal(answer(port, SUBMITTED, read, true, data, &n), 0);
    assert_memory_equal(data, "late", 4);
}

/* More than the link takes at once, while the device says a lot too: neither waits for the other.
 */
static void both_ways_at_once(void **state)
{
    static char megabyte[1 << 20], chunk[LETHE_PIPE_TRANSFER];
    struct port *port = *state;
    size_t heard = 0, n;
    memset(megabyte, 'a', sizeof(megabyte));
    uint32_t write_ = ask(port, SUBMIT, false, 1, NULL, 0, megabyte, sizeof(megabyte));
    uint32_t read = ask(port, SUBMIT, true, 1, NULL, 0, NULL, sizeof(chunk));
    assert_int_equal(send(port->phone, chunk, sizeof(chunk), 0), sizeof(chunk));
    assert_int_equal(answer(port, SUBMITTED, read, true, chunk, &n), 0);
    assert_int_equal(n, sizeof(chunk));
    while (heard < sizeof(megabyte)) {
        ssize_t got = recv(port->phone, chunk, sizeof(chunk), 0);
        assert_true(got > 0);
        heard += (size_t)got;
    }
    assert_int_equal(answer(port, SUBMITTED, write_, false, NULL, &n), 0);
    assert_int_equal(n, sizeof(megabyte));
}

/* "OKAY", and it is gone: the word is still read. */
static void last_words(void **state)
{
    struct port *port = *state;
    char data[16];
    size_t n;
    assert_int_equal(send(port->phone, "OKAY", 4, 0), 4);
    shutdown(port->phone, SHUT_RDWR);
    uint32_t read = ask(port, SUBMIT, true, 1, NULL, 0, NULL, sizeof(data));
    assert_int_equal(answer(port, SUBMITTED, read, true, data, &n), 0);
    assert_int_equal(n, 4);
    assert_int_equal(recv(port->host, data, 1, 0), 0);
    assert_int_equal(port->end, LETHE_PIPE_LEFT);
}

/* A host that is slow to ask, and a device that is to be gone already. */
static void last_words_asked_for_late(void **state)
{
    struct port *port = *state;
    char data[16];
    size_t n;
    assert_int_equal(send(port->phone, "OKAY", 4, 0), 4);
    port->gone = true;
    usleep(400000);
    shutdown(port->phone, SHUT_RDWR);
    usleep(400000);
    uint32_t read = ask(port, SUBMIT, true, 1, NULL, 0, NULL, sizeof(data));
    assert_int_equal(answer(port, SUBMITTED, read, true, data, &n), 0);
    assert_int_equal(n, 4);
    assert_int_equal(recv(port->host, data, 1, 0), 0);
    assert_int_equal(port->end, LETHE_PIPE_LEFT);
}

static void leaves_its_port(void **state)
{
    struct port *port = *state;
    char data[16];
    (void)ask(port, SUBMIT, true, 1, NULL, 0, NULL, sizeof(data));
    shutdown(port->phone, SHUT_RDWR);
    assert_int_equal(recv(port->host, data, 1, 0), 0);
    assert_int_equal(port->end, LETHE_PIPE_LEFT);
}

static void nobody_home(void **state)
{
    struct port port = {.end = -1}, *other = *state;
    int pair[2];
    uint8_t data[64];
    size_t n;
    port.face = other->face;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    port.host = pair[0];
    port.line = pair[1];
    port.link = -1;
    assert_int_equal(pthread_create(&port.thread, NULL, serve, &port), 0);
    uint32_t read = ask(&port, SUBMIT, true, 1, NULL, 0, NULL, 16);
    out(&port, "anybody?", 8);
    assert_int_equal(control(&port, (uint8_t[]){0x80, 6, 0, 1, 0, 0, 18, 0}, data, &n), 0);
    uint32_t unlink_ = ask(&port, UNLINK, false, 0, NULL, read, NULL, 0);
    assert_int_equal(answer(&port, UNLINKED, unlink_, false, NULL, NULL), -ECONNRESET);
    port.gone = true;
    assert_int_equal(recv(port.host, data, 1, 0), 0);
    pthread_join(port.thread, NULL);
    close(port.host);
    assert_int_equal(port.end, LETHE_PIPE_LEFT);
}

static void nonsense(void **state)
{
    struct port *port = *state;
    uint8_t data[1], noise[48];
    memset(noise, 0xff, sizeof(noise));
    assert_int_equal(write(port->host, noise, sizeof(noise)), sizeof(noise));
    assert_int_equal(recv(port->host, data, 1, 0), 0);
    assert_int_equal(port->end, LETHE_PIPE_DETACHED);
}

int main(void)
{
    alarm(60); /* nothing here waits for ever */
#define CASE(name) cmocka_unit_test_setup_teardown(name, plug, unplug)
    const struct CMUnitTest tests[] = {
        CASE(enumerates),
        CASE(a_transfer_is_a_datagram),
        CASE(reads_wait_for_the_device),
        CASE(a_long_transfer_goes_on_in_the_next_read),
        CASE(what_is_no_longer_wanted),
        CASE(both_ways_at_once),
        CASE(last_words),
        CASE(last_words_asked_for_late),
        CASE(leaves_its_port),
        CASE(nobody_home),
        CASE(nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
