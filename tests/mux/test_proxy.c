/* SPDX-License-Identifier: Apache-2.0 */
/* lethe-mux as a program: clients that mean no good, an usbmuxd that means none either, and one
 * that comes and goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <base/buf.h>
#include <base/json.h>
#include <base/time.h>
#include <cmocka.h>
#include <errno.h>
#include <io/mux.h>
#include <mux/mux.h>
#include <poll.h>
#include <proto/plist.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define UDID "00008030-001C2D3E4F50001E"

struct bench {
    char dir[64], upstream[80];
    struct lethe_mux_leash leash;
    pid_t real;
};

static int reach(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    return fd;
}

static void say(int fd, json_t *message)
{
    LETHE_BUF_AUTO out = {0};
    assert_int_equal(lethe_mux_frame(7, message, &out), 0);
    json_decref(message);
    (void)!send(fd, out.data, out.len, MSG_NOSIGNAL);
}

/* LEN bytes within five seconds; what came before the end. */
static size_t take(int fd, void *data, size_t len)
{
    size_t done = 0;
    uint64_t until = lethe_monotonic_ms() + 5000;
    while (done < len) {
        struct pollfd waits = {.fd = fd, .events = POLLIN};
        uint64_t now = lethe_monotonic_ms();
        if (now >= until || poll(&waits, 1, (int)(until - now)) <= 0)
            fail_msg("nothing came: %zu of %zu bytes", done, len);
        ssize_t n = recv(fd, (char *)data + done, len - done, 0);
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    return done;
}

static json_t *hear(int fd)
{
    uint8_t header[LETHE_MUX_CLIENT_HEADER];
    uint32_t tag, len;
    if (take(fd, header, sizeof(header)) < sizeof(header))
        return NULL;
    assert_int_equal(lethe_mux_client_parse(header, &tag, &len, NULL), 0);
    char *text = malloc(len + 1);
    assert_int_equal(take(fd, text, len), len);
    json_t *reply = lethe_plist_parse(text, len, NULL);
    free(text);
    return reply;
}

/* -- an usbmuxd in a process of its own -- */

enum manner { HONEST, SILENT, HUGE_FRAME, GARBAGE, NOT_OURS };

static void answer(int client, enum manner manner)
{
    static const uint8_t huge[16] = {0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 8, 0, 0, 0, 7, 0, 0, 0};
    json_t *request = hear(client);
    const char *type = json_string_value(json_object_get(request, "MessageType"));
    if (manner == SILENT)
        pause();
    if (manner == HUGE_FRAME)
        (void)!send(client, huge, sizeof(huge), MSG_NOSIGNAL);
    if (manner == GARBAGE)
        (void)!send(client, "HTTP/1.1 200 OK\r\n\r\n<plist>", 26, MSG_NOSIGNAL);
    if (manner == HUGE_FRAME || manner == GARBAGE || !type)
        return;
    const char *udid = manner == NOT_OURS ? "00008101-000A1B2C3D4E001E" : UDID;
    json_t *device = json_pack("{s:s, s:i, s:{s:s, s:s}}", "MessageType", "Attached", "DeviceID", 3,
                               "Properties", "ConnectionType", "USB", "SerialNumber", udid);
    if (strcmp(type, "ListDevices") == 0) {
        say(client, json_pack("{s:[o]}", "DeviceList", device));
        return;
    }
    say(client, json_pack("{s:s, s:i}", "MessageType", "Result", "Number", 0));
    if (strcmp(type, "Listen") == 0) {
        say(client, device);
        say(client, json_pack("{s:s, s:i}", "MessageType", "Attached", "DeviceID", 9));
        pause();
    }
    /* The device: it sends back what it gets, and then its end. */
    char bytes[4096];
    for (ssize_t n; (n = recv(client, bytes, sizeof(bytes), 0)) > 0;)
        (void)!send(client, bytes, (size_t)n, MSG_NOSIGNAL);
}

static void real_begins(struct bench *bench, enum manner manner)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof(at.sun_path), "%s", bench->upstream);
    unlink(at.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(fd, 16), 0);
    bench->real = fork();
    if (bench->real == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGCHLD, SIG_IGN);
        for (;;) {
            int client = accept(fd, NULL, NULL);
            if (fork() == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                close(fd);
                answer(client, manner);
                _exit(0);
            }
            close(client);
        }
    }
    close(fd);
}

static void real_ends(struct bench *bench)
{
    if (bench->real > 0) {
        kill(bench->real, SIGKILL);
        waitpid(bench->real, NULL, 0);
    }
    bench->real = 0;
}

static void begin(struct bench *bench, enum manner manner)
{
    struct lethe_error err = {0};
    *bench = (struct bench){.dir = "/tmp/lethe-proxy-XXXXXX"};
    assert_non_null(mkdtemp(bench->dir));
    snprintf(bench->upstream, sizeof(bench->upstream), "%s/usbmuxd", bench->dir);
    real_begins(bench, manner);
    struct lethe_mux_order order = {
        .run = bench->dir, .udid = UDID, .upstream = bench->upstream, .borrow = true};
    if (lethe_mux_start(&order, &bench->leash, &err) < 0)
        fail_msg("%s", err.what);
}

static void end(struct bench *bench)
{
    char command[128];
    real_ends(bench);
    int fd = reach(bench->leash.path);
    lethe_mux_stop(&bench->leash);
    char byte;
    assert_true(recv(fd, &byte, 1, 0) <= 0); /* it was there to the last, and ended */
    close(fd);
    snprintf(command, sizeof(command), "rm -r %s", bench->dir);
    assert_int_equal(system(command), 0);
}

static json_t *request(const char *type)
{
    return json_pack("{s:s, s:i, s:i, s:s}", "MessageType", type, "DeviceID", 3, "PortNumber",
                     32498, "PairRecordID", UDID);
}

static size_t listed(struct bench *bench)
{
    int fd = reach(bench->leash.path);
    say(fd, request("ListDevices"));
    json_t *reply = hear(fd);
    size_t n = json_array_size(json_object_get(reply, "DeviceList"));
    assert_true(json_is_array(json_object_get(reply, "DeviceList")));
    json_decref(reply);
    close(fd);
    return n;
}

static void bytes_pass_both_ways(void **state)
{
    struct bench bench;
    static char out[300000], in[sizeof(out)];
    (void)state;
    begin(&bench, HONEST);
    assert_int_equal(listed(&bench), 1);
    int fd = reach(bench.leash.path);
    say(fd, request("Connect"));
    json_t *reply = hear(fd);
    assert_int_equal(json_integer_value(json_object_get(reply, "Number")), 0);
    json_decref(reply);
    for (size_t i = 0; i < sizeof(out); i++)
        out[i] = (char)(i * 7 + i / 251);
    pid_t writer = fork();
    if (writer == 0) {
        for (size_t done = 0; done < sizeof(out);)
            done += (size_t)send(fd, out + done, sizeof(out) - done, MSG_NOSIGNAL);
        shutdown(fd, SHUT_WR);
        _exit(0);
    }
    assert_int_equal(take(fd, in, sizeof(in)), sizeof(in));
    assert_memory_equal(in, out, sizeof(in));
    char more;
    assert_int_equal(take(fd, &more, 1), 0); /* its end came through as well */
    waitpid(writer, NULL, 0);
    close(fd);
    end(&bench);
}

static void who_listens_hears_of_one_device(void **state)
{
    struct bench bench;
    (void)state;
    begin(&bench, HONEST);
    int fd = reach(bench.leash.path);
    say(fd, request("Listen"));
    json_decref(hear(fd));
    json_t *event = hear(fd);
    assert_string_equal(json_string_value(json_object_get(event, "MessageType")), "Attached");
    assert_int_equal(json_integer_value(json_object_get(event, "DeviceID")), 3);
    json_decref(event);
    /* usbmuxd ends with its last phone; and it is back. */
    real_ends(&bench);
    event = hear(fd);
    assert_string_equal(json_string_value(json_object_get(event, "MessageType")), "Detached");
    json_decref(event);
    real_begins(&bench, HONEST);
    event = hear(fd);
    assert_string_equal(json_string_value(json_object_get(event, "MessageType")), "Attached");
    json_decref(event);
    close(fd);
    end(&bench);
}

static void a_missing_usbmuxd_is_no_device(void **state)
{
    struct bench bench;
    (void)state;
    begin(&bench, HONEST);
    real_ends(&bench);
    assert_int_equal(listed(&bench), 0);
    real_begins(&bench, HONEST);
    assert_int_equal(listed(&bench), 1);
    end(&bench);
}

static void a_hostile_usbmuxd_is_no_device(void **state)
{
    static const enum manner manners[] = {HUGE_FRAME, GARBAGE, NOT_OURS};
    (void)state;
    for (size_t i = 0; i < sizeof(manners) / sizeof(*manners); i++) {
        struct bench bench;
        begin(&bench, manners[i]);
        assert_int_equal(listed(&bench), 0);
        int fd = reach(bench.leash.path);
        say(fd, request("Connect"));
        json_t *reply = hear(fd);
        assert_int_not_equal(json_integer_value(json_object_get(reply, "Number")), 0);
        json_decref(reply);
        say(fd, request("ReadPairRecord"));
        reply = hear(fd);
        assert_null(json_object_get(reply, "PairRecordData"));
        json_decref(reply);
        close(fd);
        end(&bench);
    }
}

static void hostile_clients_end_alone(void **state)
{
    struct bench bench;
    uint8_t header[LETHE_MUX_CLIENT_HEADER] = {0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 8};
    char byte;
    (void)state;
    begin(&bench, HONEST);
    /* 4 GiB, a frame shorter than its header, another version: no answer but the end. */
    for (int i = 0; i < 3; i++) {
        int fd = reach(bench.leash.path);
        if (i == 1)
            memset(header, 0, 4);
        if (i == 2)
            header[0] = 32, header[4] = 9;
        send(fd, header, sizeof(header), MSG_NOSIGNAL);
        assert_int_equal(take(fd, &byte, 1), 0);
        close(fd);
    }
    /* Half a question for each place there is, and then more of them. */
    int idle[24];
    for (size_t i = 0; i < 24; i++) {
        idle[i] = reach(bench.leash.path);
        send(idle[i], header, 5, MSG_NOSIGNAL);
    }
    assert_int_equal(take(idle[23], &byte, 1), 0);
    for (size_t i = 0; i < 24; i++)
        close(idle[i]);
    usleep(100000);
    /* One that asks and asks, and never listens. */
    int deaf = reach(bench.leash.path);
    struct timeval patience = {.tv_usec = 200000};
    setsockopt(deaf, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    LETHE_BUF_AUTO question = {0};
    json_t *json = request("ReadBUID");
    lethe_mux_frame(1, json, &question);
    json_decref(json);
    for (int i = 0; i < 20000; i++)
        if (send(deaf, question.data, question.len, MSG_NOSIGNAL) < 0)
            break;
    close(deaf);
    assert_int_equal(listed(&bench), 1);
    end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_pass_both_ways),
        cmocka_unit_test(who_listens_hears_of_one_device),
        cmocka_unit_test(a_missing_usbmuxd_is_no_device),
        cmocka_unit_test(a_hostile_usbmuxd_is_no_device),
        cmocka_unit_test(hostile_clients_end_alone),
    };
    return cmocka_run_group_tests_name("mux_proxy", tests, NULL, NULL);
}
