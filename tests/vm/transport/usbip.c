/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An emulated drive behind a USB bridge, to the kernel's own USB stack: USB/IP over a socket pair
 * to vhci_hcd (no network), bulk-only transport (USB Mass Storage BOT 1.0).
 *     vm_usbip EMULATION.yaml NAME [PORT]
 * wants module vhci_hcd (and usb-storage); PORT 0 to 7, else the first that is free. Prints
 * "ready: usb PORT". The device of the emulation
 * file must have a `bridge`. Ends with TERM: the drive is pulled out.
 */
#include "served.h"

#include "emu/model/bytes.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define VHCI "/sys/devices/platform/vhci_hcd.0"
#define HIGH_SPEED 3
#define DEVICE_ID 0x00010002
#define TRANSFER_MAX ((size_t)2 << 20)
#define HEADER 48

enum { SUBMIT = 1, UNLINK, SUBMITTED, UNLINKED };

/* One urb, as Documentation/usb/usbip_protocol has it. */
struct urb {
    uint32_t command, sequence, direction, endpoint, length;
    uint8_t setup[8];
};

enum phase { PHASE_COMMAND, PHASE_OUT, PHASE_IN, PHASE_STATUS };

static struct served served;
static int line = -1;
static struct {
    enum phase phase;
    uint8_t cbw[31];
    uint32_t tag, expected, residue;
    size_t moved; /* of the data phase */
    uint8_t status;
    uint8_t sense[252];
    size_t n_sense;
} bot;
static uint8_t data[TRANSFER_MAX], buffer[TRANSFER_MAX];

static void get_all(void *to, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = read(line, (uint8_t *)to + done, n - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            exit(0); /* detached */
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
            exit(0);
        done += (size_t)put;
    }
}

static void done(const struct urb *urb, int status, const void *from, size_t n)
{
    uint8_t header[HEADER] = {0};
    put_be(header, 4, urb->command == UNLINK ? UNLINKED : SUBMITTED);
    put_be(header + 4, 4, urb->sequence);
    put_be(header + 20, 4, (uint32_t)status);
    put_be(header + 24, 4, n);
    put_all(header, sizeof(header));
    if (urb->direction == 1 && n > 0)
        put_all(from, n);
}

/* ---- Control: descriptors ---- */

static size_t text_descriptor(const char *text, uint8_t *out)
{
    size_t n = strnlen(text, 60);
    out[0] = (uint8_t)(2 + 2 * n);
    out[1] = 3;
    for (size_t i = 0; i < n; i++) {
        out[2 + 2 * i] = (uint8_t)text[i];
        out[3 + 2 * i] = 0;
    }
    return 2 + 2 * n;
}

static size_t descriptor(unsigned type, unsigned index, uint8_t out[256])
{
    static const uint8_t configuration[] = {
        9, 2, 32,   0, 1, 1, 0, 0x80, 250, /* one interface */
        9, 4, 0,    0, 2, 8, 6, 0x50, 0,   /* mass storage, SCSI, bulk-only */
        7, 5, 0x81, 2, 0, 2, 0, 7,    5,   0x02, 2, 0, 2, 0};
    const struct controller *c = &served.model->controller;
    const struct bridge_facts *bridge = &model_bridges[c->bridge];
    uint8_t device[18] = {18, 1, 0, 2, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 1, 2, 3, 1};
    char serial[96];
    switch (type) {
    case 1:
        put_le(device + 8, 2, c->usb_vendor);
        put_le(device + 10, 2, c->usb_product);
        put_le(device + 12, 2, c->usb_release);
        memcpy(out, device, sizeof(device));
        return sizeof(device);
    case 2:
        memcpy(out, configuration, sizeof(configuration));
        return sizeof(configuration);
    case 3:
        if (index == 0) {
            memcpy(out, (const uint8_t[]){4, 3, 9, 4}, 4);
            return 4;
        }
        /* The bridge's own serial, not the drive's. */
        snprintf(serial, sizeof(serial), "%04X%04X%.80s", c->usb_vendor, c->usb_product, c->serial);
        return text_descriptor(index == 1   ? bridge->vendor_name
                               : index == 2 ? bridge->product_name
                                            : serial,
                               out);
    case 6: /* what it would be at full speed */
        memcpy(out, (const uint8_t[]){10, 6, 0, 2, 0, 0, 0, 64, 1, 0}, 10);
        return 10;
    default:
        return 0;
    }
}

static void control(const struct urb *urb)
{
    uint8_t out[256] = {0};
    const uint8_t *s = urb->setup;
    size_t wanted = get_le(s + 6, 2), n = 0;
    bool good = true;
    switch (s[0] << 8 | s[1]) {
    case 0x8006: /* GET_DESCRIPTOR */
        n = descriptor(s[3], s[2], out);
        good = n > 0;
        break;
    case 0x8000: /* GET_STATUS, of device, interface, endpoint */
    case 0x8100:
    case 0x8200:
        n = 2;
        break;
    case 0x8008:
        out[0] = 1;
        n = 1;
        break;
    case 0x810a:
        n = 1;
        break;
    case 0x0009: /* SET_CONFIGURATION, SET_INTERFACE, CLEAR_FEATURE, SET_FEATURE */
    case 0x010b:
    case 0x0201:
    case 0x0001:
    case 0x0003:
        break;
    case 0xa1fe: /* Get Max LUN */
        n = 1;
        break;
    case 0x21ff: /* Bulk-Only Mass Storage Reset */
        bot.phase = PHASE_COMMAND;
        break;
    default:
        good = false;
    }
    n = n < wanted ? n : wanted;
    done(urb, good ? 0 : -EPIPE, out, urb->direction == 1 ? n : 0);
}

/* ---- Bulk ---- */

static void finish(const struct lethe_command *c, int rc)
{
    if (rc == -ENODEV) {
        fprintf(stderr, "the drive lost its power\n");
        exit(GONE); /* the line breaks: the kernel sees it pulled out */
    }
    bot.status = rc < 0 || c->result != 0 ? 1 : 0;
    bot.residue = bot.expected - (uint32_t)(bot.status ? 0 : c->transferred);
    bot.n_sense = rc < 0 ? 0 : c->n_sense;
    memcpy(bot.sense, c->sense, bot.n_sense);
}

static void run(void)
{
    struct lethe_command c = {.set = LETHE_SET_SCSI,
                              .n_bytes = bot.cbw[14] & 31u,
                              .data = data,
                              .data_len = bot.expected};
    bool in = bot.cbw[12] & 0x80;
    c.direction = bot.expected == 0 ? LETHE_DATA_NONE : in ? LETHE_DATA_IN : LETHE_DATA_OUT;
    memcpy(c.bytes, bot.cbw + 15, 16);
    if (in)
        memset(data, 0, bot.expected);
    if (c.bytes[0] == 0x03 && bot.n_sense > 0) { /* of the command that just failed */
        (void)scsi_reply(&c, bot.sense, bot.n_sense, c.bytes[4]);
        bot.n_sense = 0;
        bot.status = 0;
        bot.residue = bot.expected - (uint32_t)c.transferred;
        return;
    }
    finish(&c, lethe_io_command(served.io, &c));
}

/* BOT 6.7: a device may send less and fill up; the residue tells. So no endpoint ever stalls. */
static void begin(void)
{
    bot.tag = (uint32_t)get_le(bot.cbw + 4, 4);
    bot.expected = (uint32_t)get_le(bot.cbw + 8, 4);
    bot.moved = 0;
    if (bot.expected > TRANSFER_MAX)
        exit(1);
    bool in = bot.cbw[12] & 0x80;
    if (bot.expected > 0 && !in) {
        bot.phase = PHASE_OUT;
        return;
    }
    run();
    bot.phase = bot.expected > 0 ? PHASE_IN : PHASE_STATUS;
}

static void bulk_out(const struct urb *urb)
{
    get_all(buffer, urb->length);
    /* The host goes on when it has this: the command itself may take hours. */
    done(urb, 0, NULL, urb->length);
    if (bot.phase == PHASE_OUT) {
        size_t left = bot.expected - bot.moved;
        size_t n = urb->length < left ? urb->length : left;
        memcpy(data + bot.moved, buffer, n);
        bot.moved += n;
        if (bot.moved < bot.expected)
            return;
        run();
        bot.phase = PHASE_STATUS;
    } else if (urb->length == sizeof(bot.cbw) && get_le(buffer, 4) == 0x43425355) {
        memcpy(bot.cbw, buffer, sizeof(bot.cbw));
        begin();
    }
}

static void bulk_in(const struct urb *urb)
{
    uint8_t csw[13];
    if (bot.phase == PHASE_IN) {
        size_t left = bot.expected - bot.moved, n = urb->length < left ? urb->length : left;
        done(urb, 0, data + bot.moved, n);
        bot.moved += n;
        bot.phase = bot.moved == bot.expected ? PHASE_STATUS : PHASE_IN;
        return;
    }
    if (bot.phase != PHASE_STATUS || urb->length < sizeof(csw)) {
        done(urb, -EPIPE, NULL, 0);
        return;
    }
    put_le(csw, 4, 0x53425355);
    put_le(csw + 4, 4, bot.tag);
    put_le(csw + 8, 4, bot.residue);
    csw[12] = bot.status;
    bot.phase = PHASE_COMMAND;
    done(urb, 0, csw, sizeof(csw));
}

/* The first high-speed port from FIRST to LAST that takes it; others attach at the same time. */
static int attach(int end, int first, int last)
{
    char text[64];
    for (int port = first; port <= last; port++) {
        snprintf(text, sizeof(text), "%d %d %u %d", port, end, DEVICE_ID, HIGH_SPEED);
        int rc = put_file(VHCI "/attach", text);
        if (rc == 0)
            return port;
        if (rc != -EBUSY && rc != -EINVAL)
            die(VHCI "/attach: %s", strerror(-rc));
    }
    die("no port of vhci_hcd is free");
}

int main(int argc, char **argv)
{
    int pair[2];
    uint8_t header[HEADER];
    if (argc < 3)
        die("usage: vm_usbip EMULATION.yaml NAME [PORT]");
    serve(&served, argv[1], argv[2]);
    if (served.model->controller.bridge == BRIDGE_NONE)
        die("%s has no bridge: nothing speaks USB there", argv[2]);
    signal(SIGPIPE, SIG_IGN);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
        die("socketpair: %s", strerror(errno));
    int first = argc > 3 ? atoi(argv[3]) : 0;
    printf("ready: usb %d\n", attach(pair[1], first, argc > 3 ? first : 7));
    fflush(stdout);
    close(pair[1]); /* the kernel has it */
    line = pair[0];
    for (;;) {
        get_all(header, sizeof(header));
        struct urb urb = {.command = (uint32_t)get_be(header, 4),
                          .sequence = (uint32_t)get_be(header + 4, 4),
                          .direction = (uint32_t)get_be(header + 12, 4),
                          .endpoint = (uint32_t)get_be(header + 16, 4),
                          .length = (uint32_t)get_be(header + 24, 4)};
        memcpy(urb.setup, header + 40, 8);
        if (urb.command == UNLINK)
            done(&urb, 0, NULL, 0); /* all before it are answered already */
        else if (urb.command != SUBMIT || urb.length > TRANSFER_MAX)
            die("an urb that is none");
        else if (urb.endpoint == 0)
            control(&urb);
        else if (urb.direction == 1)
            bulk_in(&urb);
        else
            bulk_out(&urb);
    }
}
