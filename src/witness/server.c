/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP around the witness: one request after the other, small, bounded, forgetful. */
#include "base/buf.h"
#include "base/text.h"
#include "witness/witness.h"
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS_MAX 64u
#define IDLE_S 15u

struct upload {
    struct lethe_buf body;
    bool too_large;
};

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
                              const char *body)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", type);
    enum MHD_Result done = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return done;
}

static enum MHD_Result add_checkpoint(struct lethe_witness *witness,
                                      struct MHD_Connection *connection, struct upload *upload)
{
    struct lethe_witness_answer out;
    if (upload->too_large)
        return answer(connection, 413, "text/plain", "too large\n");
    lethe_witness_add_checkpoint(witness, upload->body.data ? upload->body.data : "",
                                 upload->body.len, &out);
    return answer(connection, out.status, out.type, out.body);
}

static enum MHD_Result show_status(struct lethe_witness *witness, struct MHD_Connection *connection)
{
    json_t *json = lethe_witness_status(witness, NULL);
    char *text = json ? json_dumps(json, JSON_SORT_KEYS) : NULL;
    enum MHD_Result done =
        answer(connection, text ? 200 : 500, "application/json", text ? text : "{}");
    free(text);
    json_decref(json);
    return done;
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_size, void **state)
{
    struct upload *upload = *state;
    (void)version;
    if (!upload) {
        *state = calloc(1, sizeof(*upload));
        return *state ? MHD_YES : MHD_NO;
    }
    if (*data_size > 0) {
        upload->too_large |= upload->body.len + *data_size > LETHE_WITNESS_BODY_MAX;
        if (!upload->too_large && lethe_buf_add(&upload->body, data, *data_size) < 0)
            return MHD_NO;
        *data_size = 0;
        return MHD_YES;
    }
    if (strcmp(url, "/add-checkpoint") == 0 && strcmp(method, "POST") == 0)
        return add_checkpoint(user, connection, upload);
    if (strcmp(url, "/status") == 0 && strcmp(method, "GET") == 0)
        return show_status(user, connection);
    return answer(connection, 404, "text/plain", "POST /add-checkpoint, GET /status\n");
}

static void on_done(void *user, struct MHD_Connection *connection, void **state,
                    enum MHD_RequestTerminationCode why)
{
    struct upload *upload = *state;
    (void)user;
    (void)connection;
    (void)why;
    if (!upload)
        return;
    lethe_buf_free(&upload->body);
    free(upload);
    *state = NULL;
}

/* "127.0.0.1:8460", "[::1]:8460" */
static int parse_address(const char *text, struct sockaddr_storage *out, struct lethe_error *err)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    bool six = text[0] == '[';
    size_t len = colon ? (size_t)(colon - text) : 0;
    char *end = NULL;
    unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;
    memset(out, 0, sizeof(*out));
    if (colon && colon[1] && !*end && port <= 65535 && len > 0 &&
        lethe_text_format(host, sizeof(host), "%.*s", (int)(six ? len - 2 : len),
                          six ? text + 1 : text)) {
        struct sockaddr_in *v4 = (struct sockaddr_in *)out;
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
        out->ss_family = six ? AF_INET6 : AF_INET;
        if (six)
            v6->sin6_port = htons((uint16_t)port);
        else
            v4->sin_port = htons((uint16_t)port);
        if (inet_pton(out->ss_family, host, six ? (void *)&v6->sin6_addr : (void *)&v4->sin_addr) ==
            1)
            return 0;
    }
    return lethe_fail(err, LETHE_E_USAGE, "\"%.80s\" is no address and port, as 127.0.0.1:8460",
                      text);
}

int lethe_witness_serve(struct lethe_witness *witness, const char *address,
                        void (*told)(void *user, unsigned port), void *user,
                        struct lethe_error *err)
{
    struct sockaddr_storage at;
    sigset_t stop;
    int got;
    int rc = parse_address(address, &at, err);
    if (rc < 0)
        return rc;
    /* One thread answers; this one waits for the end. */
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    unsigned flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD |
                     (at.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, witness, MHD_OPTION_SOCK_ADDR, &at,
        MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
        MHD_OPTION_NOTIFY_COMPLETED, on_done, NULL, MHD_OPTION_END);
    if (!daemon)
        return lethe_fail_errno(err, errno, "the witness can't listen at %s", address);
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    told(user, info ? info->port : 0);
    sigwait(&stop, &got);
    MHD_stop_daemon(daemon);
    return 0;
}
