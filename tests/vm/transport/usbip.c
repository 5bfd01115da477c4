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
#include "emu/usb/face.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRANSFER_MAX LETHE_URB_MAX

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

static struct lethe_face face;

static void done(const struct lethe_urb *urb, int status, const void *from, size_t n)
{
    if (lethe_urb_done(line, urb, status, from, n) < 0)
        exit(0); /* detached */
}

/* The bridge's own serial number, not the drive's. */
static void show(void)
{
    const struct controller *c = &served.model->controller;
    const struct bridge_facts *bridge = &model_bridges[c->bridge];
    face = (struct lethe_face){
        .vendor = c->usb_vendor, .product = c->usb_product, .release = c->usb_release};
    snprintf(face.texts[0], sizeof(face.texts[0]), "%s", bridge->vendor_name);
    snprintf(face.texts[1], sizeof(face.texts[1]), "%s", bridge->product_name);
    snprintf(face.texts[2], sizeof(face.texts[2]), "%04X%04X%.50s", c->usb_vendor, c->usb_product,
             c->serial);
    lethe_face_bulk(&face, 8, 6, 0x50, 0); /* mass storage, SCSI, bulk-only */
}

static void control(const struct lethe_urb *urb)
{
    uint8_t out[LETHE_CONTROL_MAX] = {0};
    int n;
    switch (urb->setup[0] << 8 | urb->setup[1]) {
    case 0xa1fe: /* Get Max LUN */
        n = 1;
        break;
    case 0x21ff: /* Bulk-Only Mass Storage Reset */
        bot.phase = PHASE_COMMAND;
        n = 0;
        break;
    default:
        n = lethe_face_control(&face, urb->setup, out);
    }
    done(urb, n < 0 ? n : 0, out, n < 0 || !urb->in ? 0 : (size_t)n);
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

static void bulk_out(const struct lethe_urb *urb)
{
    if (lethe_urb_read_data(line, buffer, urb->length) == 0)
        exit(0);
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

static void bulk_in(const struct lethe_urb *urb)
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

int main(int argc, char **argv)
{
    struct lethe_error err = {0};
    struct lethe_urb urb;
    if (argc < 3)
        die("usage: vm_usbip EMULATION.yaml NAME [PORT]");
    serve(&served, argv[1], argv[2]);
    if (served.model->controller.bridge == BRIDGE_NONE)
        die("%s has no bridge: nothing speaks USB there", argv[2]);
    show();
    int first = argc > 3 ? atoi(argv[3]) : 0, port;
    line = lethe_vhci_attach(first, argc > 3 ? first : LETHE_VHCI_PORTS - 1, 0, &port, &err);
    if (line < 0)
        die("%s", err.what);
    printf("ready: usb %d\n", port);
    fflush(stdout);
    while (lethe_urb_read(line, &urb)) {
        if (urb.unlink)
            done(&urb, 0, NULL, 0); /* all before it are answered already */
        else if (urb.endpoint == 0)
            control(&urb);
        else if (urb.in)
            bulk_in(&urb);
        else
            bulk_out(&urb);
    }
    return 0; /* detached */
}
