/* SPDX-License-Identifier: Apache-2.0 */
#include "emu/usb/pipe.h"

#include "base/time.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PENDING_MAX 256    /* more than any host has under way */
#define LAST_WORDS_MS 5000 /* a busy host may ask late for the answer that ends a connection */
#define LOOK_MS 20

/* A bulk request that waits for the link. */
struct waiting {
    struct lethe_urb urb;
    struct waiting *next;
    size_t moved;
    uint8_t data[]; /* of OUT */
};

struct pipe {
    struct lethe_pipe at;
    struct waiting *requests; /* in the order in which they came */
    size_t n_requests;
    /* A transfer of the device that the host has not read to its end. */
    uint8_t said[LETHE_PIPE_TRANSFER];
    size_t n_said, heard;
    bool hung_up;      /* the link is closed, and what was said before may not have been read yet */
    uint64_t leave_at; /* 0: it doesn't leave */
};

static struct waiting *first_of(const struct pipe *p, bool in)
{
    struct waiting *w = p->requests;
    while (w && w->urb.in != in)
        w = w->next;
    return w;
}

static bool take_out(struct pipe *p, struct waiting *w)
{
    for (struct waiting **at = &p->requests; *at; at = &(*at)->next)
        if (*at == w) {
            *at = w->next;
            p->n_requests--;
            return true;
        }
    return false;
}

/* Answer W and forget it. */
static int finish(struct pipe *p, struct waiting *w, int status, const void *from, size_t n)
{
    take_out(p, w);
    int rc = lethe_urb_done(p->at.line, &w->urb, status, from, n);
    free(w);
    return rc;
}

static int unlink_request(struct pipe *p, const struct lethe_urb *urb)
{
    struct waiting *w = p->requests;
    while (w && w->urb.sequence != urb->victim)
        w = w->next;
    if (w)
        take_out(p, w);
    free(w);
    /* 0: it was answered before this came. */
    return lethe_urb_done(p->at.line, urb, w ? -ECONNRESET : 0, NULL, 0);
}

static int control(struct pipe *p, const struct lethe_urb *urb)
{
    uint8_t out[LETHE_CONTROL_MAX];
    int n = lethe_face_control(p->at.face, urb->setup, out);
    return lethe_urb_done(p->at.line, urb, n < 0 ? n : 0, out, n < 0 || !urb->in ? 0 : (size_t)n);
}

/* 1 go on, 0 the host let go, negative. */
static int host(struct pipe *p, struct lethe_error *err)
{
    struct lethe_urb urb;
    uint8_t ignored[LETHE_CONTROL_MAX];
    if (lethe_urb_read(p->at.line, &urb) == 0)
        return 0;
    if (urb.unlink)
        return unlink_request(p, &urb) == 0;
    if (urb.endpoint == 0) {
        if (!urb.in && urb.length > sizeof(ignored))
            return lethe_fail(err, LETHE_E_INVALID, "a control request of %u bytes", urb.length);
        if (!urb.in && lethe_urb_read_data(p->at.line, ignored, urb.length) == 0)
            return 0;
        return control(p, &urb) == 0;
    }
    struct waiting *w = malloc(sizeof(*w) + (urb.in ? 0 : urb.length));
    if (!w || p->n_requests >= PENDING_MAX) {
        free(w);
        return lethe_fail(err, LETHE_E_LIMIT, "more USB requests at once than can be kept");
    }
    *w = (struct waiting){.urb = urb};
    if (!urb.in && lethe_urb_read_data(p->at.line, w->data, urb.length) == 0) {
        free(w);
        return 0;
    }
    struct waiting **end = &p->requests;
    while (*end)
        end = &(*end)->next;
    *end = w;
    p->n_requests++;
    return 1;
}

/* The host's next piece to the link: 1 gone, or nothing to send, or not taken now; 0 closed. An
 * empty transfer only ends one before it: datagrams have their ends, and an empty one would look
 * like the end of the link. */
static int to_link(struct pipe *p)
{
    struct waiting *w = first_of(p, false);
    if (!w)
        return 1;
    size_t n = w->urb.length - w->moved;
    n = n < LETHE_PIPE_TRANSFER ? n : LETHE_PIPE_TRANSFER;
    if (n > 0 && p->at.link >= 0) {
        ssize_t sent = send(p->at.link, w->data + w->moved, n, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
    }
    w->moved += n;
    if (w->moved < w->urb.length)
        return 1;
    return finish(p, w, 0, NULL, w->urb.length) == 0;
}

/* What the device says to who waits for it; a transfer that is larger than the request goes on in
 * the next one, a request that is larger ends with the transfer. 0 closed. */
static int from_link(struct pipe *p)
{
    struct waiting *w = first_of(p, true);
    if (p->heard == p->n_said) {
        ssize_t got = recv(p->at.link, p->said, sizeof(p->said), MSG_DONTWAIT);
        if (got < 0)
            return errno == EAGAIN || errno == EINTR;
        if (got == 0)
            return 0;
        p->n_said = (size_t)got;
        p->heard = 0;
    }
    size_t n = p->n_said - p->heard;
    n = n < w->urb.length ? n : w->urb.length;
    const uint8_t *from = p->said + p->heard;
    p->heard += n;
    return finish(p, w, 0, from, n) == 0;
}

/* Both ways as far as it goes without waiting. */
static int move(struct pipe *p, short revents)
{
    int rc = 1;
    p->hung_up = p->hung_up || revents & (POLLHUP | POLLERR);
    if (revents & POLLOUT || p->at.link < 0)
        rc = to_link(p);
    if (rc == 1 && p->heard < p->n_said && first_of(p, true))
        return from_link(p);
    if (rc == 1 && (revents & POLLIN || p->hung_up) && first_of(p, true))
        rc = from_link(p);
    return rc;
}

/* Has the device said what the host has not asked for yet? */
static bool unheard(const struct pipe *p)
{
    char byte;
    return p->heard < p->n_said || recv(p->at.link, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* Is it time to go? A device that leaves is heard out first. */
static bool leaves(struct pipe *p)
{
    if (!p->hung_up && p->at.stays(p->at.user))
        return false;
    if (p->leave_at == 0)
        p->leave_at = lethe_monotonic_ms() + LAST_WORDS_MS;
    return p->at.link < 0 || (p->hung_up && !unheard(p)) || lethe_monotonic_ms() >= p->leave_at;
}

/* 1 something may have happened, 0 nothing will any more. */
static int await(struct pipe *p, struct pollfd fds[2], struct lethe_error *err)
{
    bool out = first_of(p, false), in = first_of(p, true);
    bool now = (in && p->heard < p->n_said) || (p->at.link < 0 && out);
    fds[0] = (struct pollfd){p->at.line, POLLIN, 0};
    fds[1] = (struct pollfd){p->hung_up && !in ? -1 : p->at.link,
                             (short)((out ? POLLOUT : 0) | (in ? POLLIN : 0)), 0};
    int n = poll(fds, 2, now ? 0 : LOOK_MS);
    if (n < 0 && errno != EINTR)
        return lethe_fail_errno(err, errno, "poll");
    return n != 0 || now || !leaves(p);
}

int lethe_pipe_serve(const struct lethe_pipe *at, struct lethe_error *err)
{
    struct pipe *p = calloc(1, sizeof(*p));
    struct pollfd fds[2];
    if (!p)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    p->at = *at;
    int rc, end = LETHE_PIPE_LEFT;
    while ((rc = await(p, fds, err)) == 1) {
        if (fds[0].revents && (rc = host(p, err)) != 1) {
            end = LETHE_PIPE_DETACHED;
            break;
        }
        if (move(p, fds[1].revents) == 0)
            break;
    }
    while (p->requests) {
        struct waiting *next = p->requests->next;
        free(p->requests);
        p->requests = next;
    }
    free(p);
    return rc < 0 ? rc : end;
}
