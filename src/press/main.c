/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lethe-press: reads what is to be drawn from a socket (src/paper/press.h), and answers with a
 * page. It needs nothing but its fonts, and gives up the rest before it hears a word.
 */
#include "base/json.h"
#include "base/text.h"
#include "paper/press.h"
#include "press/page.h"
#include <cairo-pdf.h>
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define NOBODY 65534
#define LOGO_PIXELS_MAX 4096

static PangoFontMap *map;

PangoFontMap *fonts(void)
{
    return map;
}

static cairo_status_t collect(void *user, const unsigned char *data, unsigned len)
{
    return lethe_buf_add(user, data, len) < 0 ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

cairo_t *pdf_open(struct lethe_buf *out, double width, double height)
{
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(collect, out, width, height);
    cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_5);
    cairo_t *cr = cairo_create(surface);
    cairo_surface_destroy(surface);
    if (cairo_status(cr) == CAIRO_STATUS_SUCCESS)
        return cr;
    cairo_destroy(cr);
    return NULL;
}

bool pdf_close(cairo_t *cr)
{
    cairo_surface_t *surface = cairo_surface_reference(cairo_get_target(cr));
    bool ok = cairo_status(cr) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    ok = ok && cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
    cairo_surface_destroy(surface);
    return ok;
}

static bool read_all(void *data, size_t len)
{
    for (char *at = data; len > 0;) {
        ssize_t n = read(STDIN_FILENO, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool send_all(const void *data, size_t len)
{
    for (const char *at = data; len > 0;) {
        ssize_t n = send(STDIN_FILENO, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool answer(const char *why, const struct lethe_buf *page)
{
    size_t len = why ? strlen(why) : page->len;
    const uint8_t head[5] = {why != NULL, (uint8_t)(len >> 24), (uint8_t)(len >> 16),
                             (uint8_t)(len >> 8), (uint8_t)len};
    return send_all(head, sizeof(head)) && send_all(why ? why : page->data, len);
}

struct bytes {
    const uint8_t *data;
    size_t len;
};

static cairo_status_t feed(void *user, unsigned char *out, unsigned len)
{
    struct bytes *left = user;
    if (len > left->len)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(out, left->data, len);
    left->data += len;
    left->len -= len;
    return CAIRO_STATUS_SUCCESS;
}

/* A PNG says its size in its first chunk: a picture that unpacks to gigabytes is not unpacked. */
static bool modest(const uint8_t *png, size_t len)
{
    if (len < 24)
        return false;
    for (size_t at = 16; at < 24; at += 4) {
        uint32_t pixels = (uint32_t)png[at] << 24 | (uint32_t)png[at + 1] << 16 |
                          (uint32_t)png[at + 2] << 8 | png[at + 3];
        if (pixels == 0 || pixels > LOGO_PIXELS_MAX)
            return false;
    }
    return true;
}

/* NULL with WHY set when there is one that can't be used. */
static cairo_surface_t *logo_of(const json_t *request, const char **why)
{
    const json_t *member = json_object_get(request, "logo");
    if (!member)
        return NULL;
    cairo_surface_t *logo = NULL;
    size_t text_len = json_string_length(member);
    uint8_t *png = malloc(text_len + 1);
    ssize_t len =
        png ? lethe_b64url_decode(png, text_len + 1, text_of(request, "logo"), text_len) : -1;
    if (len > 0 && modest(png, (size_t)len)) {
        struct bytes left = {png, (size_t)len};
        logo = cairo_image_surface_create_from_png_stream(feed, &left);
        if (cairo_surface_status(logo) != CAIRO_STATUS_SUCCESS) {
            cairo_surface_destroy(logo);
            logo = NULL;
        }
    }
    free(png);
    if (!logo)
        *why = "the logo is no PNG that can be read (at most 4096 pixels wide and high)";
    return logo;
}

static const char *draw(const char *text, size_t len, struct lethe_buf *out)
{
    const char *why = NULL;
    LETHE_JSON_AUTO *request = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    if (!request)
        return "no request";
    const char *kind = text_of(request, "kind");
    cairo_surface_t *logo = logo_of(request, &why);
    if (why)
        return why;
    why = strcmp(kind, "certificate") == 0 ? draw_certificate(request, logo, out)
          : strcmp(kind, "lot") == 0       ? draw_lot(request, logo, out)
          : strcmp(kind, "label") == 0     ? draw_label(request, out)
                                           : "no such kind of page";
    if (logo)
        cairo_surface_destroy(logo);
    return why;
}

/* What is heard from now on was said by devices: whoever takes this process over gets nothing. */
static bool drop_rights(void)
{
    const struct rlimit none = {0, 0};
    if (geteuid() == 0) {
        if (unshare(CLONE_NEWNET) < 0 && errno != EPERM && errno != EINVAL)
            return false;
        if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
            setresuid(NOBODY, NOBODY, NOBODY) < 0)
            return false;
    }
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0 &&
           setrlimit(RLIMIT_FSIZE, &none) == 0 && setrlimit(RLIMIT_CORE, &none) == 0;
}

static bool asked_already(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&in, 1, 0) != 0;
}

/* While the devices are at work. Who asks at once is not made to wait. */
static void rehearse(void)
{
    static const struct lang languages[] = {{true, true}, {true, false}, {false, true}};
    for (size_t i = 0; i < 3 && !asked_already(); i++)
        rehearse_certificate(languages[i]);
}

int main(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    map = lethe_fonts();
    if (!drop_rights())
        return 1;
    if (map)
        rehearse();
    for (uint8_t head[4]; read_all(head, sizeof(head));) {
        size_t len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
        char *text = len <= LETHE_PRESS_REQUEST_MAX ? malloc(len + 1) : NULL;
        if (!text || !read_all(text, len)) {
            free(text);
            break;
        }
        LETHE_BUF_AUTO page = {0};
        const char *why = map ? draw(text, len, &page)
                              : "the fonts are missing: fonts-lato fonts-jetbrains-mono "
                                "fonts-wqy-microhei";
        free(text);
        if (!answer(why, &page))
            break;
    }
    /* Fontconfig and pango keep what they have until the end. */
    _exit(0);
}
