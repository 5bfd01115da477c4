/* SPDX-License-Identifier: Apache-2.0 */
/* Phones on a bus that is a tree of files: what they are, who holds them, which one is meant. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/time.h"
#include "scan/phone.h"
#include "tree.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/usbmux.h"

static int setup(void **state)
{
    static struct tree tree;
    tree_make(&tree);
    *state = &tree;
    return 0;
}

static int teardown(void **state)
{
    tree_remove(*state);
    return 0;
}

struct face {
    uint8_t klass, subclass, protocol;
    const char *text;
    const char *driver;
};
struct sample {
    const char *name; /* "2-4" */
    unsigned vendor, product, number;
    const char *text, *serial;
    size_t n;
    struct face faces[4];
};

static const char xhci[] = "pci0000:00/0000:00:14.0";

/* Below HCD's root hub of the bus that the name begins with. */
static void plug_at(struct tree *tree, const char *hcd, const char *driver,
                    const struct sample *phone)
{
    char dir[300], link[400], text[64];
    uint8_t bytes[256] = {18, 1, 0, 2, 0, 0, 0, 64};
    size_t len = 18;
    int bus = atoi(phone->name);
    bool pci = strncmp(hcd, "pci", 3) == 0;
    tree_bus(tree, hcd, pci ? "pci" : "platform", driver);
    if (pci)
        tree_file(tree, "0x8086\n", "sys/devices/%s/vendor", hcd);
    snprintf(dir, sizeof dir, "%s/usb%d", hcd, bus);
    tree_bus(tree, dir, "usb", "usb");
    tree_file(tree, "1d6b\n", "sys/devices/%s/idVendor", dir);
    tree_file(tree, "0003\n", "sys/devices/%s/idProduct", dir);
    snprintf(dir, sizeof dir, "%s/usb%d/%s", hcd, bus, phone->name);
    tree_bus(tree, dir, "usb", "usb");
    bytes[8] = (uint8_t)phone->vendor;
    bytes[9] = (uint8_t)(phone->vendor >> 8);
    bytes[10] = (uint8_t)phone->product;
    bytes[11] = (uint8_t)(phone->product >> 8);
    bytes[16] = 3;
    bytes[17] = 1;
    uint8_t configuration[9] = {9, 2, (uint8_t)(9 + 23 * phone->n), 0, (uint8_t)phone->n, 1};
    memcpy(bytes + len, configuration, 9);
    len += 9;
    for (size_t i = 0; i < phone->n; i++) {
        const struct face *face = &phone->faces[i];
        uint8_t one[23] = {9,
                           4,
                           (uint8_t)i,
                           0,
                           2,
                           face->klass,
                           face->subclass,
                           face->protocol,
                           4,
                           7,
                           5,
                           (uint8_t)(0x81 + i),
                           2,
                           0,
                           2,
                           0,
                           7,
                           5,
                           (uint8_t)(0x01 + i),
                           2,
                           0,
                           2,
                           0};
        memcpy(bytes + len, one, sizeof one);
        len += sizeof one;
        char at[400];
        snprintf(at, sizeof at, "%.290s/%s:1.%zu", dir, phone->name, i);
        tree_bus(tree, at, "usb", face->driver);
        if (face->text)
            tree_file(tree, face->text, "sys/devices/%s/interface", at);
    }
    tree_bytes(tree, bytes, len, "sys/devices/%s/descriptors", dir);
    snprintf(text, sizeof text, "%04x\n", phone->vendor);
    tree_file(tree, text, "sys/devices/%s/idVendor", dir);
    snprintf(text, sizeof text, "%04x\n", phone->product);
    tree_file(tree, text, "sys/devices/%s/idProduct", dir);
    tree_file(tree, phone->text, "sys/devices/%s/product", dir);
    tree_file(tree, phone->serial, "sys/devices/%s/serial", dir);
    tree_file(tree, "1\n", "sys/devices/%s/bConfigurationValue", dir);
    tree_file(tree, strchr(phone->name, '-') + 1, "sys/devices/%s/devpath", dir);
    snprintf(text, sizeof text, "%d\n", bus);
    tree_file(tree, text, "sys/devices/%s/busnum", dir);
    snprintf(text, sizeof text, "%u\n", phone->number);
    tree_file(tree, text, "sys/devices/%s/devnum", dir);
    snprintf(link, sizeof link, "../../../devices/%s", dir);
    tree_link(tree, link, "sys/bus/usb/devices/%s", phone->name);
}

static void plug(struct tree *tree, const struct sample *phone)
{
    plug_at(tree, xhci, "xhci_hcd", phone);
}

static void find(struct tree *tree, const char *target, struct lethe_device *out)
{
    struct lethe_error err = {0};
    if (lethe_scan_target(&tree->env, target, out, &err) < 0)
        fail_msg("%s: %s", target, err.what);
}

static const struct sample pixel = {
    .name = "2-4",
    .vendor = 0x18d1,
    .product = 0x4ee7,
    .number = 9,
    .text = "Pixel 6",
    .serial = "1A2B3C4D",
    .n = 2,
    .faces = {{6, 1, 1, "MTP", NULL}, {0xff, 0x42, 1, "ADB", NULL}}};

static void an_android_phone(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    plug(tree, &pixel);
    find(tree, "usb:2-4", &device);
    assert_string_equal(device.driver, "android");
    assert_string_equal(device.slot, "pci-0000:00:14.0-usb-0:4");
    assert_int_equal(device.mode, LETHE_MODE_NORMAL);
    assert_int_equal(device.diskseq, 2 << 8 | 9);
    assert_int_equal(device.identity.class_, LETHE_CLASS_PHONE);
    assert_int_equal(device.identity.substrate, LETHE_SUBSTRATE_PHYSICAL);
    assert_int_equal(device.identity.capacity, 0);
    assert_string_equal(device.identity.vendor, "Google");
    assert_string_equal(device.identity.identifiers[0].value, "1A2B3C4D");
    assert_int_equal(json_integer_value(json_object_get(device.config, "interface")), 1);
    assert_int_equal(json_integer_value(json_object_get(device.config, "in")), 0x82);
    assert_int_equal(device.facts->phone.locks[LETHE_LOCK_FRP], LETHE_ANSWER_UNKNOWN);
    assert_int_equal(device.n_uses, 0);
    lethe_device_clear(&device);
    /* by slot, by serial number whatever its dashes, and among everything */
    find(tree, "usb:pci-0000:00:14.0-usb-0:4", &device);
    lethe_device_clear(&device);
    find(tree, "phone:1a2b-3c4d", &device);
    lethe_device_clear(&device);
    find(tree, "1A2B3C4D", &device);
    lethe_device_clear(&device);
    struct lethe_device_list list;
    assert_int_equal(lethe_scan_all(&tree->env, &list, NULL), 0);
    assert_int_equal(list.n, 1);
    lethe_device_list_clear(&list);
    struct lethe_error err;
    assert_int_equal(lethe_scan_target(&tree->env, "1A2B3C4", &device, &err), -LETHE_E_NOT_FOUND);
}

/* Everything that is recognised, and told in plain words. */
static void what_can_not_be_asked(void **state)
{
    struct tree *tree = *state;
    static const struct {
        struct sample usb;
        enum lethe_phone_family family;
        enum lethe_phone_mode mode;
        const char *advice;
    } all[] = {
        {{"2-1",
          0x05ac,
          0x1281,
          2,
          "Apple Mobile Device (Recovery Mode)",
          "CPID:8101 ECID:1A SRNM:[F2LXK1]",
          1,
          {{0xfe, 1, 0, NULL, NULL}}},
         LETHE_FAMILY_IOS,
         LETHE_MODE_RECOVERY,
         "recovery mode"},
        {{"2-2",
          0x05ac,
          0x1227,
          3,
          "Apple Mobile Device (DFU Mode)",
          "CPID:8101 ECID:1A",
          1,
          {{0xfe, 1, 0, NULL, NULL}}},
         LETHE_FAMILY_IOS,
         LETHE_MODE_DFU,
         "DFU mode"},
        {{"2-3", 0x04e8, 0x685d, 4, "Gadget Serial", "", 1, {{2, 2, 1, NULL, NULL}}},
         LETHE_FAMILY_ANDROID,
         LETHE_MODE_DOWNLOAD,
         "download mode"},
        {{"2-4", 0x05c6, 0x9008, 5, "QUSB__BULK", "", 1, {{0xff, 0xff, 0x10, NULL, NULL}}},
         LETHE_FAMILY_OTHER,
         LETHE_MODE_EDL,
         "signed loader"},
        {{"2-5", 0x04e8, 0x6860, 6, "SAMSUNG_Android", "R58M", 1, {{6, 1, 1, "MTP", NULL}}},
         LETHE_FAMILY_ANDROID,
         LETHE_MODE_CLOSED,
         "Build number"},
        {{"2-6", 0x12d1, 0x107e, 7, "HUAWEI", "HW1", 1, {{0xff, 0x50, 1, "HDC", NULL}}},
         LETHE_FAMILY_HARMONY,
         LETHE_MODE_NORMAL,
         "HarmonyOS"},
        {{"2-7", 0x04a9, 0x3218, 8, "Canon Digital Camera", "C1", 1, {{6, 1, 1, NULL, NULL}}},
         LETHE_FAMILY_OTHER,
         LETHE_MODE_PTP,
         "camera"},
        {{"2-8",
          0x05ac,
          0x12a7,
          9,
          "Apple TV",
          "0123456789abcdef01234567",
          1,
          {{0xff, 0xfe, 2, NULL, NULL}}},
         LETHE_FAMILY_OTHER,
         LETHE_MODE_NORMAL,
         "neither a phone"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct lethe_device device;
        char target[32];
        plug(tree, &all[i].usb);
        snprintf(target, sizeof target, "usb:%s", all[i].usb.name);
        find(tree, target, &device);
        print_message("%-38s %-8s %-9s %.60s\n", all[i].usb.text,
                      lethe_phone_family_name(device.facts->phone.family),
                      lethe_phone_mode_name(device.mode), device.facts->phone.advice);
        assert_int_equal(device.facts->phone.family, all[i].family);
        assert_int_equal(device.mode, all[i].mode);
        assert_non_null(strstr(device.facts->phone.advice, all[i].advice));
        assert_null(json_object_get(device.config, "interface"));
        assert_int_equal(device.identity.class_, all[i].family == LETHE_FAMILY_OTHER
                                                     ? LETHE_CLASS_UNKNOWN
                                                     : LETHE_CLASS_PHONE);
        struct lethe_io_spec spec;
        if (strcmp(device.driver, "android") == 0)
            assert_int_equal(lethe_driver_android.peek(&tree->env, &device, &spec, NULL),
                             -LETHE_E_UNSUPPORTED);
        lethe_device_clear(&device);
    }
    struct lethe_device device;
    find(tree, "phone:F2LXK1", &device); /* the serial number that is printed on it */
    assert_string_equal(device.target, "usb:2-1");
    lethe_device_clear(&device);
}

/* Drives, keyboards and hubs of the same makers are none of ours. */
static void no_phones(void **state)
{
    struct tree *tree = *state;
    static const struct sample all[] = {
        {"2-1", 0x04e8, 0x61f5, 2, "PSSD T7", "S5", 1, {{8, 6, 0x50, NULL, NULL}}},
        {"2-2", 0x05ac, 0x024f, 3, "Keyboard", "", 1, {{3, 1, 1, NULL, NULL}}},
        {"2-3", 0x17ef, 0x1018, 4, "Hub", "", 1, {{9, 0, 0, NULL, NULL}}},
    };
    struct lethe_device_list list;
    for (size_t i = 0; i < 3; i++)
        plug(tree, &all[i]);
    tree_bytes(tree, "\x12\x01", 2, "sys/devices/%s/usb2/2-9/descriptors", xhci); /* cut short */
    tree_link(tree, "../../../devices/pci0000:00/0000:00:14.0/usb2/2-9", "sys/bus/usb/devices/2-9");
    assert_int_equal(lethe_scan_all(&tree->env, &list, NULL), 0);
    assert_int_equal(list.n, 0);
    lethe_device_list_clear(&list);
}

static void an_adb_server(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    struct lethe_error err = {0};
    plug(tree, &pixel);
    tree_file(tree,
              "  sl  local_address rem_address   st\n"
              "   0: 0100007F:13AD 00000000:0000 01 00000000:00000000\n"
              "   1: 0100007F:0277 00000000:0000 0A 00000000:00000000\n",
              "proc/net/tcp");
    find(tree, "usb:2-4", &device); /* a connection to one is none */
    assert_int_equal(device.n_uses, 0);
    lethe_device_clear(&device);
    tree_file(tree,
              "  sl  local_address rem_address   st\n"
              "   0: 0100007F:0277 00000000:0000 0A 00000000:00000000\n"
              "   1: 0100007F:13AD 00000000:0000 0A 00000000:00000000\n",
              "proc/net/tcp");
    find(tree, "usb:2-4", &device);
    assert_int_equal(lethe_device_refuse(&device, &err), -LETHE_E_BUSY);
    assert_non_null(strstr(err.what, "adb server"));
    assert_non_null(strstr(err.remedy, "adb kill-server"));
    lethe_device_clear(&device);
}

static void another_program(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    struct sample held = pixel;
    held.faces[1].driver = "usbfs";
    plug(tree, &held);
    find(tree, "usb:2-4", &device);
    assert_non_null(tree_use(&device, "claimed"));
    lethe_device_clear(&device);
}

static void twins(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    struct lethe_error err = {0};
    struct sample other = pixel;
    other.name = "2-5";
    other.number = 10;
    plug(tree, &pixel);
    plug(tree, &other);
    find(tree, "usb:2-4", &device);
    assert_non_null(tree_use(&device, "twin"));
    assert_int_equal(lethe_device_refuse(&device, &err), -LETHE_E_BUSY);
    lethe_device_clear(&device);
    assert_int_equal(lethe_scan_target(&tree->env, "1A2B3C4D", &device, &err), -LETHE_E_REFUSED);
}

/* Rule 8: by the chain, whatever the phone says of itself. */
static void make_believe(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    struct sample on_vhci = pixel, on_dummy = pixel;
    on_vhci.name = "3-1";
    on_dummy.name = "4-1";
    on_dummy.serial = "OTHER1";
    plug_at(tree, "platform/vhci_hcd.0", "vhci_hcd", &on_vhci);
    plug_at(tree, "platform/dummy_hcd.0", "dummy_hcd", &on_dummy);
    find(tree, "usb:3-1", &device);
    assert_int_equal(device.identity.substrate, LETHE_SUBSTRATE_VIRTUAL);
    assert_non_null(strstr(device.substrate_reason, "USB/IP"));
    lethe_device_clear(&device);
    find(tree, "usb:4-1", &device);
    assert_int_equal(device.identity.substrate, LETHE_SUBSTRATE_VIRTUAL);
    lethe_device_clear(&device);
}

/* One socket, two ports: SuperSpeed in its system, slower in its boot loader. */
static void both_ports_of_a_socket(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    plug(tree, &pixel);
    tree_file(tree, "5000\n", "sys/devices/%s/usb2/2-4/speed", xhci);
    tree_file(tree, "", "sys/devices/%s/usb1/1-0:1.0/usb1-port8/connect_type", xhci);
    tree_file(tree, "", "sys/devices/%s/usb2/2-0:1.0/usb2-port4/connect_type", xhci);
    tree_link(tree, "../../../usb1/1-0:1.0/usb1-port8",
              "sys/devices/%s/usb2/2-0:1.0/usb2-port4/peer", xhci);
    tree_link(tree, "../2-0:1.0/usb2-port4", "sys/devices/%s/usb2/2-4/port", xhci);
    find(tree, "usb:2-4", &device);
    assert_string_equal(device.slot, "pci-0000:00:14.0-usb-0:8");
    lethe_device_clear(&device);
}

/* The port is what a phone is found by again, whatever it is then. */
static void found_again(void **state)
{
    struct tree *tree = *state;
    struct lethe_device before, now;
    struct sample boot = {.name = "2-4",
                          .vendor = 0x18d1,
                          .product = 0x4ee0,
                          .number = 12,
                          .text = "Android",
                          .serial = "1A2B3C4D",
                          .n = 1,
                          .faces = {{0xff, 0x42, 3, "fastboot", NULL}}};
    plug(tree, &pixel);
    find(tree, "usb:2-4", &before);
    tree_drop(tree, "sys/bus/usb/devices/2-4");
    assert_int_equal(lethe_driver_android.find(&tree->env, &before, &now, NULL), 0);
    plug(tree, &boot);
    assert_int_equal(lethe_driver_android.find(&tree->env, &before, &now, NULL), 1);
    assert_int_equal(now.mode, LETHE_MODE_FASTBOOT);
    assert_int_not_equal(now.diskseq, before.diskseq);
    assert_int_equal(lethe_identity_within(&before.identity, &now.identity, NULL), 0);
    lethe_device_clear(&before);
    lethe_device_clear(&now);
}

/* ---- iPhones: usbmuxd ---- */

static const struct sample iphone = {.name = "2-7",
                                     .vendor = 0x05ac,
                                     .product = 0x12a8,
                                     .number = 21,
                                     .text = "iPhone",
                                     .serial = "00008101000A1B2C3D4E001E",
                                     .n = 1,
                                     .faces = {{0xff, 0xfe, 2, "Apple USB Multiplexor", "usbfs"}}};

/* Each client gets one answer. */
static pid_t serve_clients(struct tree *tree, const char *devices, int clients)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    tree_file(tree, "", "run/.keep");
    snprintf(at.sun_path, sizeof at.sun_path, "%s/usbmuxd", tree->run);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 4), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char body[2048], reply[2200], heard[2048];
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        int n = snprintf(body, sizeof body,
                         "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>DeviceList</key>"
                         "<array>%s</array></dict></plist>",
                         devices);
        lethe_mux_client_build((uint8_t *)reply, 1, (uint32_t)n);
        memcpy(reply + LETHE_MUX_CLIENT_HEADER, body, (size_t)n);
        while (clients-- > 0) {
            int client = accept(fd, NULL, NULL);
            if (recv(client, heard, sizeof heard, 0) > 0)
                (void)!send(client, reply, LETHE_MUX_CLIENT_HEADER + (size_t)n, MSG_NOSIGNAL);
            close(client);
        }
        _exit(0);
    }
    close(fd);
    return pid;
}

static pid_t serve(struct tree *tree, const char *devices)
{
    return serve_clients(tree, devices, 1);
}

#define LISTED(udid, location)                                                                     \
    "<dict><key>DeviceID</key><integer>1</integer><key>Properties</key><dict>"                     \
    "<key>ConnectionType</key><string>USB</string><key>LocationID</key><integer>" location         \
    "</integer><key>SerialNumber</key><string>" udid "</string></dict></dict>"

static void an_iphone(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    plug(tree, &iphone);
    pid_t pid = serve(tree, LISTED("00008101-000A1B2C3D4E001E", "131093")); /* 2 << 16 | 21 */
    find(tree, "00008101000a1b2c3d4e001e", &device);
    waitpid(pid, NULL, 0);
    assert_string_equal(device.driver, "ios");
    assert_string_equal(device.identity.identifiers[0].value, "00008101-000A1B2C3D4E001E");
    assert_int_equal(device.identity.identifiers[0].kind, LETHE_ID_UDID);
    assert_string_equal(device.facts->phone.advice, "");
    assert_int_equal(device.n_uses, 0); /* usbmuxd holds it, and is meant to */
    lethe_device_clear(&device);
}

/* ---- The driver "ios" ---- */

static void one_run_of_lethe_has_it(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    struct lethe_held *held = NULL, *other = NULL;
    struct lethe_identity now;
    struct lethe_io_spec spec = {0};
    struct lethe_error err = {0};
    struct stat st;
    char states[100], record[200], jail[128];
    plug(tree, &iphone);
    snprintf(states, sizeof states, "%s/state", tree->root);
    tree->env.state_dir = states;
    pid_t pid = serve_clients(tree, LISTED("00008101-000A1B2C3D4E001E", "131093"), 100);
    find(tree, "00008101000a1b2c3d4e001e", &device);
    assert_int_equal(lethe_driver_ios.claim(&tree->env, &device, &held, &err), 0);
    assert_int_equal(lethe_driver_ios.claim(&tree->env, &device, &other, &err), -LETHE_E_BUSY);
    assert_int_equal(lethe_driver_ios.identify(held, &now, &err), 0);
    assert_int_equal(lethe_identity_within(&device.identity, &now, &err), 0);

    assert_int_equal(lethe_driver_ios.spec(held, true, &spec, &err), 0);
    assert_int_equal(spec.n_fds, 1);
    assert_string_equal(json_string_value(json_object_get(spec.config, "udid")),
                        "00008101-000A1B2C3D4E001E");
    snprintf(jail, sizeof jail, "%s", json_string_value(json_object_get(spec.config, "socket")));
    assert_int_equal(stat(jail, &st), 0);
    lethe_io_spec_close(&spec);
    snprintf(record, sizeof record, "%s/phones/00008101-000A1B2C3D4E001E.record", states);
    assert_int_equal(stat(record, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    /* What it held is gone with it: the proxy, its directory, a record of nothing. */
    lethe_driver_ios.release(held);
    assert_int_equal(stat(jail, &st), -1);
    assert_int_equal(stat(record, &st), -1);
    assert_int_equal(lethe_driver_ios.claim(&tree->env, &device, &held, &err), 0);

    /* Away, or another attachment: the claim holds nothing any more. */
    struct sample again = iphone;
    again.number = 22;
    tree_drop(tree, "sys/bus/usb/devices/2-7");
    assert_int_equal(lethe_driver_ios.identify(held, &now, &err), -LETHE_E_GONE);
    plug(tree, &again);
    assert_int_equal(lethe_driver_ios.identify(held, &now, &err), -LETHE_E_GONE);
    lethe_driver_ios.release(held);
    lethe_device_clear(&device);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void a_look_ends_with_who_looks(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    struct lethe_io_spec spec = {0};
    struct lethe_error err = {0};
    plug(tree, &iphone);
    pid_t pid = serve_clients(tree, LISTED("00008101-000A1B2C3D4E001E", "131093"), 100);
    find(tree, "00008101000a1b2c3d4e001e", &device);
    assert_int_equal(lethe_driver_ios.peek(&tree->env, &device, &spec, &err), 0);
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s",
             json_string_value(json_object_get(spec.config, "socket")));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    lethe_io_spec_close(&spec);
    char end;
    assert_true(recv(fd, &end, 1, 0) <= 0); /* its end, or a reset */
    close(fd);
    device.mode = LETHE_MODE_RECOVERY;
    assert_int_equal(lethe_driver_ios.peek(&tree->env, &device, &spec, &err), -LETHE_E_UNSUPPORTED);
    lethe_device_clear(&device);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void end_usbmuxd(struct tree *tree, pid_t pid)
{
    char path[PATH_MAX];
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    snprintf(path, sizeof path, "%s/usbmuxd", tree->run);
    unlink(path);
}

/* On its port again it is not back yet: usbmuxd has to know it before anybody can ask it. */
static void it_is_back_once_usbmuxd_lists_it(void **state)
{
    struct tree *tree = *state;
    struct lethe_device before, now = {0};
    plug(tree, &iphone);
    pid_t pid = serve_clients(tree, LISTED("00008101-000A1B2C3D4E001E", "131093"), 100);
    find(tree, "00008101000a1b2c3d4e001e", &before);
    assert_int_equal(lethe_driver_ios.find(&tree->env, &before, &now, NULL), 1);
    assert_string_equal(now.target, before.target);
    lethe_device_clear(&now);
    end_usbmuxd(tree, pid);
    assert_int_equal(lethe_driver_ios.find(&tree->env, &before, &now, NULL), 0);
    pid = serve_clients(tree, "", 100);
    assert_int_equal(lethe_driver_ios.find(&tree->env, &before, &now, NULL), 0);
    assert_null(now.facts); /* nothing to be freed */
    end_usbmuxd(tree, pid);
    pid = serve_clients(tree, LISTED("00008101-000A1B2C3D4E001E", "131093"), 100);
    assert_int_equal(lethe_driver_ios.find(&tree->env, &before, &now, NULL), 1);
    lethe_device_clear(&now);
    end_usbmuxd(tree, pid);
    lethe_device_clear(&before);
}

/* Until usbmuxd has told something, or has gone; disks that come and go here are heard besides. */
static bool heard_of_it(struct lethe_watch *watch)
{
    struct pollfd poller = {.fd = lethe_watch_fd(watch), .events = POLLIN};
    uint64_t until = lethe_monotonic_ms() + 30000;
    char action[16], node[128];
    while (lethe_monotonic_ms() < until && poll(&poller, 1, 5000) >= 0)
        while (lethe_watch_next(watch, action, node, NULL) > 0)
            if (strcmp(node, "usbmuxd") == 0)
                return strcmp(action, "change") == 0;
    return false;
}

/* It lists an iPhone some time after its port shows it, and comes and goes with its devices. */
static void what_usbmuxd_tells_is_heard(void **state)
{
    struct tree *tree = *state;
    struct lethe_watch *watch;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct lethe_error err;
    char heard[1024] = "";
    if (lethe_watch_open(&tree->env, &watch, &err) < 0)
        fail_msg("%s", err.what);
    tree_file(tree, "", "run/.keep");
    snprintf(at.sun_path, sizeof at.sun_path, "%s/usbmuxd", tree->run);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_true(heard_of_it(watch)); /* it runs now */
    int client = accept(fd, NULL, NULL);
    ssize_t n = recv(client, heard, sizeof heard, 0);
    assert_true(n > 0 && memmem(heard, (size_t)n, "<string>Listen</string>", 23));
    assert_int_equal(send(client, "attached", 8, MSG_NOSIGNAL), 8);
    assert_true(heard_of_it(watch));
    close(client);
    assert_true(heard_of_it(watch)); /* it is gone */
    assert_true(heard_of_it(watch)); /* and back */
    close(fd);
    unlink(at.sun_path);
    lethe_watch_close(watch);
}

static void usbmuxd_is_not_there(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    plug(tree, &iphone);
    find(tree, "usb:2-7", &device);
    assert_non_null(strstr(device.facts->phone.advice, "usbmuxd does not run"));
    lethe_device_clear(&device);
}

static void usbmuxd_does_not_see_it(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    plug(tree, &iphone);
    pid_t pid = serve(tree, "");
    find(tree, "usb:2-7", &device);
    waitpid(pid, NULL, 0);
    assert_non_null(strstr(device.facts->phone.advice, "does not see it"));
    lethe_device_clear(&device);
}

static void usbmuxd_says_another(void **state)
{
    struct tree *tree = *state;
    struct lethe_device device;
    plug(tree, &iphone);
    pid_t pid = serve(tree, LISTED("00008101-FFFFFFFFFFFF001E", "131093"));
    find(tree, "usb:2-7", &device);
    waitpid(pid, NULL, 0);
    assert_non_null(tree_use(&device, "changed"));
    lethe_device_clear(&device);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_android_phone),
        TEST(what_can_not_be_asked),
        TEST(no_phones),
        TEST(an_adb_server),
        TEST(another_program),
        TEST(twins),
        TEST(make_believe),
        TEST(both_ports_of_a_socket),
        TEST(found_again),
        TEST(an_iphone),
        TEST(one_run_of_lethe_has_it),
        TEST(a_look_ends_with_who_looks),
        TEST(it_is_back_once_usbmuxd_lists_it),
        TEST(what_usbmuxd_tells_is_heard),
        TEST(usbmuxd_is_not_there),
        TEST(usbmuxd_does_not_see_it),
        TEST(usbmuxd_says_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
