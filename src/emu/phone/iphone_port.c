/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An emulated iPhone as the supervisor has it: on its port, and for a worker behind an usbmuxd of
 * its own with a job's proxy in front, as a real one is. Both end with who holds their leashes: the
 * worker.
 */
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "emu/phone/iphone.h"
#include "io/mux.h"
#include "io/phone/phone.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int identity(const struct phone *phone, struct lethe_identity *out)
{
    const char *model = phone_trait_text(phone, "model");
    char udid[64];
    *out = (struct lethe_identity){.class_ = phone_trait_is(phone, "tablet") ? LETHE_CLASS_TABLET
                                                                             : LETHE_CLASS_PHONE,
                                   .bus = LETHE_BUS_USB,
                                   .media = LETHE_MEDIA_FLASH,
                                   .substrate = LETHE_SUBSTRATE_EMULATED,
                                   .vendor = "Apple",
                                   .usb_vendor = 0x05ac,
                                   .usb_product = 0x12a8};
    iphone_udid(phone, udid);
    lethe_text_clean(out->model, sizeof(out->model), model, strlen(model));
    return lethe_identity_add(out, LETHE_ID_UDID, LETHE_SOURCE_DEVICE, udid);
}

/* Its usbmuxd, listening at SOCKET, alone in a directory that goes with it: the leash, or negative.
 */
static int start_muxd(const struct phone *phone, char socket_path[PATH_MAX],
                      struct lethe_error *err)
{
    char dir[] = "/tmp/lethe-muxd-XXXXXX", records[PATH_MAX];
    int pair[2];
    if (!mkdtemp(dir))
        return lethe_fail_errno(err, errno, "no directory for an emulated usbmuxd");
    lethe_text_format(socket_path, PATH_MAX, "%s/usbmuxd", dir);
    const char *const argv[] = {"lethe-phone", "muxd",        "--memory",  phone->path,
                                "--socket",    socket_path,   "--records", records,
                                "--tied",      "--preflight", NULL};
    if (!lethe_text_format(records, sizeof(records), "%s.records", phone->path) ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        rmdir(dir);
        return lethe_fail(err, LETHE_E_INTERNAL, "no socket for an emulated usbmuxd");
    }
    int rc = phone_start(argv, pair[1], err);
    close(pair[1]);
    if (rc == 0)
        return pair[0];
    close(pair[0]);
    rmdir(dir);
    return rc;
}

static int record_of(const struct phone *phone, char out[PATH_MAX], struct lethe_error *err)
{
    return lethe_text_format(out, PATH_MAX, "%s.record", phone->path)
               ? 0
               : lethe_fail(err, LETHE_E_LIMIT, "the path of a phone's memory is too long");
}

static void forget(const struct phone *phone)
{
    char record[PATH_MAX];
    if (record_of(phone, record, NULL) == 0)
        unlink(record);
}

/* Who only looks may be asked to pair, and what comes of it is kept; the workers of a job use what
 * there is, and leave it there for who judges. */
static int proxy(const struct phone *phone, const char *upstream, bool writable, bool look,
                 struct lethe_io_spec *out, struct lethe_error *err)
{
    char udid[64], record[PATH_MAX];
    struct lethe_mux_leash leash;
    iphone_udid(phone, udid);
    int rc = record_of(phone, record, err);
    if (rc < 0)
        return rc;
    const struct lethe_mux_order order = {.run = "/run",
                                          .udid = udid,
                                          .upstream = upstream,
                                          .record = record,
                                          .pairing = look,
                                          .borrow = true};
    rc = lethe_mux_start(&order, &leash, err);
    if (rc < 0)
        return rc;
    rc = lethe_mux_spec(&leash, "emuphone", udid, writable, out, err);
    close(leash.fd); /* the worker's alone now */
    return rc;
}

static bool answers(const struct phone *phone)
{
    return phone_mode(phone) == LETHE_MODE_NORMAL;
}

static int spec(const struct phone *phone, bool writable, bool look, struct lethe_io_spec *out,
                struct lethe_error *err)
{
    char upstream[PATH_MAX];
    if (!answers(phone)) {
        out->config = json_pack("{s:s}", "family", "ios");
        return 0;
    }
    LETHE_FD_AUTO leash = start_muxd(phone, upstream, err);
    int rc = leash < 0 ? leash : proxy(phone, upstream, writable, look, out, err);
    if (rc < 0)
        return rc;
    json_object_set_new(out->config, "family", json_string("ios"));
    out->fds[out->n_fds++] = leash;
    leash = -1;
    return 0;
}

static int open_it(const struct lethe_io_spec *from, struct lethe_io **out, struct lethe_error *err)
{
    return from->n_fds == 0 ? lethe_io_mute_open(out, err) : lethe_mux_open(from, out, err);
}

const struct phone_family phone_family_ios = {
    .family = LETHE_FAMILY_IOS,
    .otherwise = "iphone",
    .modes = 1u << LETHE_MODE_NORMAL | 1u << LETHE_MODE_CLOSED | 1u << LETHE_MODE_RECOVERY |
             1u << LETHE_MODE_DFU,
    .born = iphone_born,
    .due = iphone_due,
    .answers = answers,
    .identity = identity,
    .spec = spec,
    .forget = forget,
    .open = open_it};
