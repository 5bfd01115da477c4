/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libimobiledevice's own programs can't ask: erasures, AFC, single requests. One exchange a
 * run, by the library alone, so that the model hears somebody who isn't us.
 *   iphone_client UDID value DOMAIN|- KEY    iphone_client UDID mc TYPE [preserve]
 *   iphone_client UDID pair                  iphone_client UDID backup-erase
 *   iphone_client UDID await-trust
 *   iphone_client UDID session HOSTID        iphone_client UDID fill NAME | list DIR | read NAME
 * Prints one line (a plist: more); 0 when there was an answer.
 */
#include <inttypes.h>
#include <libimobiledevice/afc.h>
#include <libimobiledevice/libimobiledevice.h>
#include <libimobiledevice/lockdown.h>
#include <libimobiledevice/mobilebackup2.h>
#include <libimobiledevice/notification_proxy.h>
#include <libimobiledevice/property_list_service.h>
#include <plist/plist.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHUNK = 65536 };

static int told(plist_t node)
{
    char *xml = NULL;
    uint32_t len = 0;
    plist_to_xml(node, &xml, &len);
    if (xml)
        fputs(xml, stdout);
    free(xml);
    plist_free(node);
    return 0;
}

static int error(const char *what, int code)
{
    printf("%s %d\n", what, code);
    return 3;
}

static int value(idevice_t device, char **argv)
{
    lockdownd_client_t client = NULL;
    plist_t node = NULL;
    int rc = lockdownd_client_new_with_handshake(device, &client, "test");
    if (rc == 0)
        rc =
            lockdownd_get_value(client, strcmp(argv[0], "-") == 0 ? NULL : argv[0], argv[1], &node);
    lockdownd_client_free(client);
    return rc ? error("lockdown", rc) : told(node);
}

static int pair_with(idevice_t device, char **argv)
{
    lockdownd_client_t client = NULL;
    (void)argv;
    int rc = lockdownd_client_new(device, &client, "test");
    if (rc == 0)
        rc = lockdownd_pair(client, NULL);
    lockdownd_client_free(client);
    return rc ? error("lockdown", rc) : puts("paired") < 0;
}

static int session(idevice_t device, char **argv)
{
    lockdownd_client_t client = NULL;
    int rc = lockdownd_client_new(device, &client, "test");
    if (rc == 0)
        rc = lockdownd_start_session(client, argv[0], NULL, NULL);
    lockdownd_client_free(client);
    return rc ? error("lockdown", rc) : puts("session") < 0;
}

static void notified(const char *name, void *user)
{
    puts(name);
    *(volatile int *)user = 1;
}

/* As usbmuxd does, without a session: until somebody tapped Trust. */
static int await_trust(idevice_t device, char **argv)
{
    static const char *names[] = {"com.apple.mobile.lockdown.request_pair", NULL};
    lockdownd_client_t client = NULL;
    lockdownd_service_descriptor_t service = NULL;
    np_client_t np = NULL;
    volatile int heard = 0;
    (void)argv;
    int rc = lockdownd_client_new(device, &client, "test");
    if (rc == 0)
        rc = lockdownd_start_service(client, "com.apple.mobile.insecure_notification_proxy",
                                     &service);
    lockdownd_client_free(client);
    if (rc == 0)
        rc = np_client_new(device, service, &np);
    lockdownd_service_descriptor_free(service);
    if (rc == 0)
        rc = np_set_notify_callback(np, notified, (void *)(uintptr_t)&heard);
    if (rc == 0)
        rc = np_observe_notifications(np, names);
    for (int i = 0; rc == 0 && !heard && i < 100; i++)
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    np_client_free(np);
    return rc ? error("notifications", rc) : 0;
}

static lockdownd_service_descriptor_t start(idevice_t device, const char *name)
{
    lockdownd_client_t client = NULL;
    lockdownd_service_descriptor_t service = NULL;
    int rc = lockdownd_client_new_with_handshake(device, &client, "test");
    if (rc == 0)
        rc = lockdownd_start_service(client, name, &service);
    if (rc)
        error("lockdown", rc);
    lockdownd_client_free(client);
    return service;
}

static int mc(idevice_t device, char **argv)
{
    property_list_service_client_t client = NULL;
    plist_t request = plist_new_dict(), reply = NULL;
    lockdownd_service_descriptor_t service = start(device, "com.apple.mobile.MCInstall");
    plist_dict_set_item(request, "RequestType", plist_new_string(argv[0]));
    if (argv[1])
        plist_dict_set_item(request, "PreserveDataPlan", plist_new_bool(argv[1][0] == 'p'));
    int rc = service ? property_list_service_client_new(device, service, &client) : -1;
    if (rc == 0)
        rc = property_list_service_send_xml_plist(client, request);
    if (rc == 0)
        rc = property_list_service_receive_plist_with_timeout(client, &reply, 1500);
    property_list_service_client_free(client);
    lockdownd_service_descriptor_free(service);
    plist_free(request);
    return rc ? error("mcinstall", rc) : told(reply);
}

static int backup_erase(idevice_t device, char **argv)
{
    mobilebackup2_client_t client = NULL;
    plist_t options = plist_new_dict(), reply = NULL;
    double versions[] = {2.0, 2.1}, version = 0;
    char *word = NULL, *udid = NULL;
    (void)argv;
    idevice_get_udid(device, &udid);
    plist_dict_set_item(options, "TargetIdentifier", plist_new_string(udid));
    lockdownd_service_descriptor_t service = start(device, MOBILEBACKUP2_SERVICE_NAME);
    int rc = service ? mobilebackup2_client_new(device, service, &client) : -1;
    if (rc == 0)
        rc = mobilebackup2_version_exchange(client, versions, 2, &version);
    if (rc == 0)
        rc = mobilebackup2_send_message(client, "EraseDevice", options);
    if (rc == 0)
        rc = mobilebackup2_receive_message(client, &reply, &word);
    mobilebackup2_client_free(client);
    lockdownd_service_descriptor_free(service);
    plist_free(options);
    free(word);
    free(udid);
    return rc ? error("backup", rc) : told(reply);
}

/* Random enough to be told from old data: a counter. */
static void pattern(char *chunk, uint64_t at)
{
    for (size_t i = 0; i < CHUNK; i += sizeof(at), at++)
        memcpy(chunk + i, &at, sizeof(at));
}

static int fill(afc_client_t afc, const char *name)
{
    char chunk[CHUNK];
    uint64_t file = 0, bytes = 0;
    uint32_t put = 0;
    int rc = afc_file_open(afc, name, AFC_FOPEN_WRONLY, &file);
    while (rc == 0) {
        pattern(chunk, bytes / 8);
        rc = afc_file_write(afc, file, chunk, sizeof(chunk), &put);
        bytes += rc == 0 ? put : 0;
    }
    afc_file_close(afc, file);
    printf("%" PRIu64 " error %d\n", bytes, rc);
    return 0;
}

/* How much of it is what fill() wrote. */
static int read_back(afc_client_t afc, const char *name)
{
    char chunk[CHUNK], wanted[CHUNK];
    uint64_t file = 0, bytes = 0;
    uint32_t got = 1;
    int rc = afc_file_open(afc, name, AFC_FOPEN_RDONLY, &file);
    while (rc == 0 && got > 0) {
        rc = afc_file_read(afc, file, chunk, sizeof(chunk), &got);
        pattern(wanted, bytes / 8);
        if (rc != 0 || memcmp(chunk, wanted, got) != 0)
            break;
        bytes += got;
    }
    afc_file_close(afc, file);
    printf("%" PRIu64 " error %d\n", bytes, rc);
    return 0;
}

static int list(afc_client_t afc, const char *name)
{
    char **names = NULL;
    int rc = afc_read_directory(afc, name, &names);
    for (size_t i = 0; names && names[i]; i++)
        puts(names[i]);
    afc_dictionary_free(names);
    return rc ? error("afc", rc) : 0;
}

static int with_afc(idevice_t device, const char *verb, const char *name)
{
    afc_client_t afc = NULL;
    lockdownd_service_descriptor_t service = start(device, AFC_SERVICE_NAME);
    int rc = service ? afc_client_new(device, service, &afc) : -1;
    lockdownd_service_descriptor_free(service);
    if (rc)
        return error("afc", rc);
    rc = strcmp(verb, "fill") == 0   ? fill(afc, name)
         : strcmp(verb, "read") == 0 ? read_back(afc, name)
                                     : list(afc, name);
    afc_client_free(afc);
    return rc;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int arguments;
        int (*run)(idevice_t device, char **argv);
    } verbs[] = {
        {"value", 2, value},     {"pair", 0, pair_with}, {"await-trust", 0, await_trust},
        {"session", 1, session}, {"mc", 1, mc},          {"backup-erase", 0, backup_erase}};
    idevice_t device = NULL;
    signal(SIGPIPE, SIG_IGN); /* phones hang up */
    if (argc < 3)
        return 2;
    int rc = idevice_new(&device, argv[1]);
    if (rc)
        return error("device", rc);
    rc = 2;
    for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
        if (strcmp(verbs[i].name, argv[2]) == 0 && argc >= 3 + verbs[i].arguments)
            rc = verbs[i].run(device, argv + 3);
    if (rc == 2 && argc == 4)
        rc = with_afc(device, argv[2], argv[3]);
    idevice_free(device);
    return rc;
}
