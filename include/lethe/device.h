/* SPDX-License-Identifier: Apache-2.0 */
/* A device that the scan found: who it is, where it sits, who is using it. */
#ifndef LETHE_DEVICE_H
#define LETHE_DEVICE_H

#include <lethe/error.h>
#include <lethe/facts.h>
#include <lethe/identity.h>
#include <lethe/io.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One reason why a device can't be erased now, and the command that would release it. */
struct lethe_use {
    char kind[24];     /* "mounted" "swap" "md" "lvm" "dm" "crypt" "loop" "claimed" "system" "state"
                          "image-open" ... */
    char what[256];    /* "/dev/sdb1 is mounted on /mnt/photos" */
    char release[256]; /* "umount /mnt/photos"; empty when nothing may release it */
    bool never;        /* holds /, /boot, /usr, swap or Lethe's own state: no flag overrides */
};

struct lethe_device {
    char target[256]; /* what a person types: "/dev/sdb", "/srv/x.img", "emu:NAME" */
    char driver[16];  /* registry: "block", "image", "emu"; phones: "android", "ios", "emuphone" */
    char slot[128];   /* port or bay, e.g. "pci-0000:00:14.0-usb-0:2"; "" unknown */
    char node[128];   /* "/dev/sdb"; file path for an image; "" emulated */
    char substrate_reason[160]; /* why identity.substrate is what it is */
    struct lethe_identity identity;
    uint64_t diskseq; /* 0 unknown; of USB devices of no kernel driver: bus << 8 | number, which
                         changes when it leaves and comes back */
    enum lethe_phone_mode mode; /* of a phone as its USB interfaces show it */
    size_t n_uses;
    struct lethe_use *uses;    /* owned */
    json_t *config;            /* driver-private, owned (emulation), may be NULL */
    struct lethe_facts *facts; /* what its firmware says; owned; NULL: not asked yet */
};

struct lethe_device_list {
    size_t n;
    struct lethe_device *devices; /* owned */
};
void lethe_device_clear(struct lethe_device *device);
void lethe_device_list_clear(struct lethe_device_list *list);
int lethe_device_copy(const struct lethe_device *from, struct lethe_device *to);

/* 0 when DEVICE has no uses; else -LETHE_E_REFUSED (nothing may release it, or swap) or
 * -LETHE_E_BUSY, with the reason and the command that releases it. */
int lethe_device_refuse(const struct lethe_device *device, struct lethe_error *err);

/* {"target","slot","driver","substrate","substrate_reason","identity":{...},"in_use":[{kind,what,release,never}]}
 */
json_t *lethe_device_to_json(const struct lethe_device *device);

/* Where the scan looks; tests point it at trees of their own. */
struct lethe_scan_env {
    const char *sys;       /* "/sys" */
    const char *dev;       /* "/dev" */
    const char *proc;      /* "/proc" */
    const char *run;       /* "/run" */
    const char *state_dir; /* Lethe's own state: what holds it is never erased; may be NULL */
};
extern const struct lethe_scan_env lethe_scan_env_system;

/* All block devices that could be a target (no partitions; loop devices only when bound; no ram,
 * zram, dm, md members hidden: those are listed with their use). */
int lethe_scan_all(const struct lethe_scan_env *env, struct lethe_device_list *out,
                   struct lethe_error *err);
/* One target: a whole-disk node ("/dev/sdb", also by-id and by-path links) or a plain image file (a
 * partition is refused with the name of its disk); or a phone: "usb:2-4.1" (the kernel's name of
 * its port, as listed), "usb:SLOT", "phone:SERIAL", or its serial number or UDID alone, with or
 * without dashes. */
int lethe_scan_target(const struct lethe_scan_env *env, const char *target,
                      struct lethe_device *out, struct lethe_error *err);
/* Fresh in-use list of DEVICE (also done by the two above). */
int lethe_scan_uses(const struct lethe_scan_env *env, struct lethe_device *device,
                    struct lethe_error *err);

/* Make the kernel ask a SCSI disk for its size again: as root. */
int lethe_scan_rescan(const struct lethe_scan_env *env, const struct lethe_device *device,
                      struct lethe_error *err);

/* Hot-plug. lethe_watch_fd() polls readable; lethe_watch_next() then returns 1 with ACTION
 * ("add", "remove", "change") and NODE, or 0 when there is nothing more. "change" of the node
 * "usbmuxd": it has come or gone, or told of a device. */
struct lethe_watch;
int lethe_watch_open(const struct lethe_scan_env *env, struct lethe_watch **out,
                     struct lethe_error *err);
int lethe_watch_fd(const struct lethe_watch *watch);
int lethe_watch_next(struct lethe_watch *watch, char action[16], char node[128],
                     struct lethe_error *err);
void lethe_watch_close(struct lethe_watch *watch);

/*
 * Drivers: how the supervisor holds a device and hands it to workers. One table
 * (src/job/drivers.def) lists them; nothing else branches on the kind of device.
 */
struct lethe_held; /* driver's own */
struct lethe_driver {
    const char *name;
    bool passes_through; /* commands go through the kernel, which asks for capabilities */
    /* Claim exclusively; checks the guard (uses) again after the claim, so that nothing slips
     * between. ENV and its strings must live until release. -LETHE_E_REFUSED/-LETHE_E_BUSY with
     * reason and the releasing command. */
    int (*claim)(const struct lethe_scan_env *env, const struct lethe_device *device,
                 struct lethe_held **out, struct lethe_error *err);
    /* Claim also what a command of the drive's own firmware reaches besides: other namespaces, LUNs
     * and areas of the same drive; refused while one is in use. NULL: there can be none. */
    int (*claim_rest)(struct lethe_held *held, struct lethe_error *err);
    /* Who is behind the claim *now* (re-read, never cached). -LETHE_E_GONE when it vanished. */
    int (*identify)(struct lethe_held *held, struct lethe_identity *out, struct lethe_error *err);
    /* Descriptors for a look without a claim: a probe asks only what changes nothing. NULL, or
     * -LETHE_E_UNSUPPORTED: such a device has no firmware to ask. */
    int (*peek)(const struct lethe_scan_env *env, const struct lethe_device *device,
                struct lethe_io_spec *out, struct lethe_error *err);
    /* Power off and on, where the slot can do that by itself, and tell the device as it came back;
     * NULL: a person must. */
    int (*cycle)(const struct lethe_scan_env *env, const struct lethe_device *device,
                 struct lethe_device *returned, struct lethe_error *err);
    /* Where is the device that was BEFORE now, in whatever mode (phones change theirs)? 1 found
     * (NOW is filled), 0 not there. NULL: the scan is asked. */
    int (*find)(const struct lethe_scan_env *env, const struct lethe_device *before,
                struct lethe_device *now, struct lethe_error *err);
    bool phone; /* its workers are lethe-worker-phone; windows look for modes, not for a capacity */
    /* Fresh descriptors for one worker. */
    int (*spec)(struct lethe_held *held, bool writable, struct lethe_io_spec *out,
                struct lethe_error *err);
    /* It is erased: the keys that it let this bench in by open nothing any more. NULL: there are
     * none.
     */
    void (*forget)(struct lethe_held *held);
    void (*release)(struct lethe_held *held);
    /* In the worker: descriptors to a device. Takes no ownership of SPEC, dups nothing; descriptors
     * must stay open until lethe_io_close(). QUEUE_DEPTH as for lethe_io_fd_open(). */
    int (*open)(const struct lethe_io_spec *spec, unsigned queue_depth, struct lethe_io **out,
                struct lethe_error *err);
};
extern const struct lethe_driver lethe_driver_block;            /* src/scan */
extern const struct lethe_driver lethe_driver_image;            /* src/scan */
extern const struct lethe_driver lethe_driver_android;          /* src/scan */
extern const struct lethe_driver lethe_driver_ios;              /* src/scan */
extern const struct lethe_driver lethe_driver_emu;              /* src/emu */
extern const struct lethe_driver lethe_driver_emuphone;         /* src/emu/phone */
const struct lethe_driver *lethe_driver_find(const char *name); /* src/job/drivers.c */

#ifdef __cplusplus
}
#endif
#endif
