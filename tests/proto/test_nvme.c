/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/bytes.h"
#include "proto/nvme_bridge.h"

#include <string.h>

static struct lethe_nvme_controller controller = {.format = true, .format_crypto = true};
static const struct lethe_nvme_namespace plain = {.format = 1, .formats = 2, .size = 1000};

static void sanitize(void **state)
{
    (void)state;
    struct lethe_nvme_admin c;
    assert_int_equal(lethe_nvme_cmd_sanitize(LETHE_SANITIZE_CRYPTO, 0, false, 0, false, &c, NULL),
                     0);
    assert_int_equal(c.opcode, 0x84);
    assert_int_equal(c.cdw10, 0x0c);
    assert_int_equal(lethe_nvme_cmd_sanitize(LETHE_SANITIZE_BLOCK, 0, false, 0, true, &c, NULL), 0);
    assert_int_equal(c.cdw10, 0x20a);
    assert_int_equal(
        lethe_nvme_cmd_sanitize(LETHE_SANITIZE_OVERWRITE, 3, true, 0x5aa5, false, &c, NULL), 0);
    assert_int_equal(c.cdw10, 0x13b);
    assert_int_equal(c.cdw11, 0x5aa5);
    assert_int_equal(
        lethe_nvme_cmd_sanitize(LETHE_SANITIZE_OVERWRITE, 16, false, 0, false, &c, NULL), 0);
    assert_int_equal(c.cdw10 & 0xf0, 0);
    assert_int_equal(
        lethe_nvme_cmd_sanitize(LETHE_SANITIZE_OVERWRITE, 17, false, 0, false, &c, NULL),
        -LETHE_E_USAGE);
    assert_int_equal(lethe_nvme_cmd_sanitize_exit_failure().cdw10, 1);
}

/* FOG erased nothing for three years: SES was 0. */
static void format_never_with_ses_0(void **state)
{
    (void)state;
    struct lethe_nvme_admin c;
    for (unsigned format = 0; format < 64; format++)
        for (int crypto = 0; crypto < 2; crypto++) {
            struct lethe_nvme_namespace ns = {.format = (uint8_t)format, .formats = 64};
            assert_int_equal(lethe_nvme_cmd_format(&controller, &ns, 1, crypto, &c, NULL), 0);
            assert_int_equal(c.cdw10 >> 9 & 7, crypto ? 2 : 1);
            assert_int_equal((c.cdw10 & 0xf) | (c.cdw10 >> 12 & 3) << 4, format);
        }
}

static void format_is_gated(void **state)
{
    (void)state;
    struct lethe_nvme_admin c;
    struct lethe_nvme_controller less = controller;
    less.format_crypto = false;
    assert_int_equal(lethe_nvme_cmd_format(&less, &plain, 1, true, &c, NULL), -LETHE_E_UNSUPPORTED);
    assert_int_equal(c.opcode, 0);
    assert_int_equal(lethe_nvme_cmd_format(&less, &plain, 1, false, &c, NULL), 0);
    less.format_no_broadcast = true;
    assert_int_equal(lethe_nvme_cmd_format(&less, &plain, LETHE_NVME_ALL, false, &c, NULL),
                     -LETHE_E_UNSUPPORTED);
    less.format = false;
    assert_int_equal(lethe_nvme_cmd_format(&less, &plain, 1, false, &c, NULL),
                     -LETHE_E_UNSUPPORTED);
    struct lethe_nvme_namespace ns = {.format = 1,
                                      .formats = 2,
                                      .metadata_inline = true,
                                      .protection = 1,
                                      .protection_first = true};
    assert_int_equal(lethe_nvme_cmd_format(&controller, &ns, 1, false, &c, NULL), 0);
    assert_int_equal(c.cdw10, 0x331);
    ns.format = 2;
    assert_int_equal(lethe_nvme_cmd_format(&controller, &ns, 1, false, &c, NULL), -LETHE_E_INVALID);
}

static void queue_entry(void **state)
{
    (void)state;
    struct lethe_nvme_admin c = lethe_nvme_cmd_security_send(1, 0x1004, 1, 512), back;
    uint8_t bytes[64];
    assert_int_equal(c.cdw10, 0x01100400);
    lethe_nvme_admin_encode(&c, bytes);
    assert_int_equal(lethe_le32(bytes + 40), 0x01100400);
    assert_int_equal(lethe_le32(bytes + 44), 512);
    lethe_nvme_admin_decode(bytes, &back);
    back.data_len = c.data_len;
    assert_memory_equal(&c, &back, sizeof c);
    assert_int_equal(lethe_nvme_cmd_get_log(0x81, LETHE_NVME_ALL, 512, &c, NULL), 0);
    assert_int_equal(c.cdw10, 0x007f8081);
    assert_int_equal(lethe_nvme_cmd_get_log(0x81, LETHE_NVME_ALL, 510, &c, NULL), -LETHE_E_USAGE);
}

static struct lethe_sanitize_status log_of(uint16_t sprog, uint16_t sstat)
{
    uint8_t log[512] = {0};
    struct lethe_sanitize_status s;
    lethe_put_le16(log, sprog);
    lethe_put_le16(log + 2, sstat);
    lethe_put_le32(log + 4, 0x0c);
    lethe_put_le32(log + 8, 60);
    lethe_put_le32(log + 12, UINT32_MAX);
    assert_int_equal(lethe_nvme_sanitize_log_parse(log, 512, &s, NULL), 0);
    return s;
}

static void sanitize_log(void **state)
{
    (void)state;
    struct lethe_sanitize_status s = log_of(0x4000, 2 | 5 << 3);
    assert_int_equal(s.state, LETHE_SANITIZE_RUNNING);
    assert_int_equal(s.progress, 0x4000);
    assert_int_equal(s.passes, 5);
    assert_int_equal(s.command, 0x0c);
    assert_int_equal(s.estimate_overwrite, 60);
    assert_int_equal(s.estimate_block, 0);
    assert_int_equal(log_of(0xffff, 0).state, LETHE_SANITIZE_IDLE);
    assert_int_equal(log_of(0xffff, 0x101).state, LETHE_SANITIZE_SUCCEEDED);
    assert_true(log_of(0xffff, 0x101).global_data_erased);
    assert_true(log_of(0xffff, 4).no_deallocate);
    assert_int_equal(log_of(0xffff, 3).state, LETHE_SANITIZE_FAILED);
    for (uint16_t later = 5; later < 8; later++)
        assert_int_equal(log_of(0xffff, later).state, LETHE_SANITIZE_UNKNOWN);
    uint8_t none[512];
    memset(none, 0xff, sizeof none);
    assert_int_equal(lethe_nvme_sanitize_log_parse(none, 512, &s, NULL), 0);
    assert_int_equal(s.state, LETHE_SANITIZE_UNKNOWN);
    assert_int_equal(lethe_nvme_sanitize_log_parse(none, 19, &s, NULL), -LETHE_E_INVALID);
}

static void identify_controller(void **state)
{
    (void)state;
    uint8_t d[4096] = {0};
    struct lethe_nvme_controller c;
    memcpy(d + 4, "S5GXNF0R000000A     ", 20);
    memcpy(d + 24, "Samsung SSD 980 PRO 1TB                 ", 40);
    memcpy(d + 64, "5B2QGXA7", 8);
    d[76] = 2;
    d[256] = 0x0b;
    lethe_put_le64(d + 280, 1000204886016);
    lethe_put_le64(d + 296, 4096);
    lethe_put_le32(d + 328, 0xa0000003);
    lethe_put_le32(d + 516, 32);
    d[524] = 0x05;
    assert_int_equal(lethe_nvme_controller_parse(d, sizeof d, &c, NULL), 0);
    assert_string_equal(c.serial, "S5GXNF0R000000A");
    assert_string_equal(c.model, "Samsung SSD 980 PRO 1TB");
    assert_true(c.controllers && c.security && c.format && c.ns_management && !c.self_test);
    assert_true(c.sanitize_crypto && c.sanitize_block && !c.sanitize_overwrite);
    assert_true(c.no_deallocate_inhibited);
    assert_int_equal(c.no_deallocate_modifies, 2);
    assert_true(c.format_all_namespaces && !c.erase_all_namespaces && c.format_crypto);
    assert_int_equal(c.total, 1000204886016);
    assert_int_equal(c.unallocated, 4096);
    d[288] = 1; /* more than 64 bits */
    assert_int_equal(lethe_nvme_controller_parse(d, sizeof d, &c, NULL), 0);
    assert_int_equal(c.total, UINT64_MAX);
    memset(d + 24, ' ', 40);
    assert_int_equal(lethe_nvme_controller_parse(d, sizeof d, &c, NULL), -LETHE_E_INVALID);
    assert_int_equal(lethe_nvme_controller_parse(d, 4095, &c, NULL), -LETHE_E_INVALID);
}

static void identify_namespace(void **state)
{
    (void)state;
    uint8_t d[4096] = {0};
    struct lethe_nvme_namespace ns;
    assert_int_equal(lethe_nvme_namespace_parse(d, sizeof d, &ns, NULL), 0);
    assert_int_equal(ns.size, 0); /* inactive */
    lethe_put_le64(d, 1953525168);
    d[25] = 1;
    d[26] = 0x11;
    d[29] = 0x09;
    d[30] = 1;
    d[33] = 1;
    memcpy(d + 120, "\x00\x25\x38\x54\x11\xb0\xc0\xd1", 8);
    d[132] = 8;
    d[134] = 12;
    assert_int_equal(lethe_nvme_namespace_parse(d, sizeof d, &ns, NULL), 0);
    assert_int_equal(ns.block, 4096);
    assert_int_equal(ns.metadata, 8);
    assert_int_equal(ns.format, 1);
    assert_true(ns.metadata_inline && ns.shared && ns.deallocated_zero && ns.protection_first);
    assert_string_equal(ns.eui64, "0025385411b0c0d1");
    assert_string_equal(ns.nguid, "");
    d[134] = 40;
    assert_int_equal(lethe_nvme_namespace_parse(d, sizeof d, &ns, NULL), -LETHE_E_INVALID);
    d[26] = 2;
    assert_int_equal(lethe_nvme_namespace_parse(d, sizeof d, &ns, NULL), -LETHE_E_INVALID);
}

static void lists(void **state)
{
    (void)state;
    uint32_t nsid[2];
    uint8_t d[32] = {0};
    lethe_put_le32(d, 1);
    lethe_put_le32(d + 4, 3);
    lethe_put_le32(d + 8, 9);
    assert_int_equal(lethe_nvme_list_parse(d, sizeof d, nsid, 2, NULL), 3);
    assert_int_equal(nsid[1], 3);
    lethe_put_le32(d + 8, 3);
    assert_int_equal(lethe_nvme_list_parse(d, sizeof d, nsid, 2, NULL), -LETHE_E_INVALID);
    struct lethe_nvme_descriptors ids;
    static const uint8_t list[] = {1,  8,  0,  0,  0,  0x25, 0x38, 0x54, 0x11, 0xb0, 0xc0, 0xd1, 3,
                                   16, 0,  0,  0,  1,  2,    3,    4,    5,    6,    7,    8,    9,
                                   10, 11, 12, 13, 14, 15,   2,    16,   0,    0,    1};
    assert_int_equal(lethe_nvme_descriptors_parse(list, sizeof list, &ids, NULL), 0);
    assert_string_equal(ids.uuid, "00010203-0405-0607-0809-0a0b0c0d0e0f");
    assert_string_equal(ids.eui64, "0025385411b0c0d1");
    assert_string_equal(ids.nguid, ""); /* cut off */
}

static void jmicron(void **state)
{
    (void)state;
    struct lethe_nvme_admin c;
    struct lethe_nvme_bridge_exchange x;
    assert_int_equal(lethe_nvme_cmd_sanitize(LETHE_SANITIZE_BLOCK, 1, false, 0, false, &c, NULL),
                     0);
    assert_int_equal(lethe_nvme_bridge_wrap(LETHE_NVME_BRIDGE_JMICRON, &c, &x, NULL), 0);
    assert_int_equal(x.n_steps, 3);
    assert_true(x.status_returned);
    assert_memory_equal(x.steps[0].cdb.bytes, "\xa1\x80\0\0\x02\0\0\0\0\0\0\0", 12);
    assert_memory_equal(x.steps[0].payload, "NVME\0\0\0\0\x84", 9);
    assert_int_equal(lethe_le32(x.steps[0].payload + 48), 0x0a);
    assert_memory_equal(x.steps[1].cdb.bytes, "\xa1\x81\0\0\0\0\0\0\0\0\0\0", 12);
    assert_false(x.steps[1].command_data);
    assert_memory_equal(x.steps[2].cdb.bytes, "\xa1\x8f\0\0\x02\0\0\0\0\0\0\0", 12);
    assert_true(x.steps[2].completion);
    c = lethe_nvme_cmd_identify(LETHE_NVME_CNS_ALLOCATED_LIST, 0);
    assert_int_equal(lethe_nvme_bridge_wrap(LETHE_NVME_BRIDGE_JMICRON, &c, &x, NULL), 0);
    assert_memory_equal(x.steps[1].cdb.bytes, "\xa1\x82\0\0\x10\0\0\0\0\0\0\0", 12);
    assert_true(x.steps[1].command_data);

    uint8_t reply[512] = "NVME";
    uint16_t status;
    uint32_t dw0;
    lethe_put_le32(reply + 8, 77);
    lethe_put_le32(reply + 20, LETHE_NVME_SANITIZE_IN_PROGRESS << 17);
    assert_int_equal(lethe_nvme_bridge_completion(reply, 512, &status, &dw0, NULL), 0);
    assert_int_equal(status, LETHE_NVME_SANITIZE_IN_PROGRESS);
    assert_int_equal(dw0, 77);
    reply[0] = 0;
    assert_int_equal(lethe_nvme_bridge_completion(reply, 512, &status, &dw0, NULL),
                     -LETHE_E_INVALID);
    assert_int_not_equal(status, LETHE_NVME_SUCCESS);
}

static void asmedia_and_realtek(void **state)
{
    (void)state;
    struct lethe_nvme_bridge_exchange x;
    struct lethe_nvme_admin c = lethe_nvme_cmd_identify(LETHE_NVME_CNS_CONTROLLER, 0);
    assert_int_equal(lethe_nvme_bridge_wrap(LETHE_NVME_BRIDGE_ASMEDIA, &c, &x, NULL), 0);
    assert_memory_equal(x.steps[0].cdb.bytes, "\xe6\x06\0\x01\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    assert_false(x.status_returned);
    assert_int_equal(lethe_nvme_bridge_wrap(LETHE_NVME_BRIDGE_REALTEK, &c, &x, NULL), 0);
    assert_memory_equal(x.steps[0].cdb.bytes, "\xe4\0\x10\x06\x01", 5);
    assert_int_equal(lethe_nvme_cmd_get_log(2, LETHE_NVME_ALL, 512, &c, NULL), 0);
    assert_int_equal(lethe_nvme_bridge_wrap(LETHE_NVME_BRIDGE_ASMEDIA, &c, &x, NULL), 0);
    assert_memory_equal(x.steps[0].cdb.bytes, "\xe6\x02\0\x02\0\0\0\x7f", 8);
    assert_int_equal(lethe_nvme_bridge_wrap(LETHE_NVME_BRIDGE_REALTEK, &c, &x, NULL), 0);
    assert_int_equal(lethe_nvme_cmd_get_log(2, LETHE_NVME_ALL, 1024, &c, NULL), 0);
    assert_int_equal(lethe_nvme_bridge_wrap(LETHE_NVME_BRIDGE_REALTEK, &c, &x, NULL),
                     -LETHE_E_UNSUPPORTED);
}

/* Nothing destructive goes through a bridge that drops dwords. */
static void refusals(void **state)
{
    (void)state;
    struct lethe_nvme_admin c[6];
    struct lethe_nvme_bridge_exchange x;
    struct lethe_error err;
    lethe_nvme_cmd_sanitize(LETHE_SANITIZE_CRYPTO, 1, false, 0, false, &c[0], NULL);
    lethe_nvme_cmd_format(&controller, &plain, 1, false, &c[1], NULL);
    c[2] = lethe_nvme_cmd_security_send(1, 1, 0, 512);
    c[3] = lethe_nvme_cmd_namespace_delete(1);
    c[4] = lethe_nvme_cmd_identify(LETHE_NVME_CNS_NAMESPACE, 2);
    c[5] = lethe_nvme_cmd_identify(LETHE_NVME_CNS_ALLOCATED_LIST, 0);
    for (size_t i = 0; i < 6; i++)
        for (int b = LETHE_NVME_BRIDGE_ASMEDIA; b <= LETHE_NVME_BRIDGE_REALTEK; b++) {
            memset(&err, 0, sizeof err);
            assert_int_equal(lethe_nvme_bridge_wrap((enum lethe_nvme_bridge)b, &c[i], &x, &err),
                             -LETHE_E_UNSUPPORTED);
            assert_int_equal(x.n_steps, 0);
            assert_non_null(strstr(err.remedy, "native"));
        }
}

static void status_words(void **state)
{
    (void)state;
    assert_string_equal(lethe_nvme_status_name(0x1d), "sanitize in progress");
    assert_string_equal(lethe_nvme_status_name(0x4000 | 0x1c), "sanitize failed"); /* DNR */
    assert_string_equal(lethe_nvme_status_name(0x7c1), "vendor specific");
    assert_string_equal(lethe_nvme_status_name(0x0c5), "vendor specific");
    assert_string_equal(lethe_nvme_status_name(0x17b), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sanitize),
        cmocka_unit_test(format_never_with_ses_0),
        cmocka_unit_test(format_is_gated),
        cmocka_unit_test(queue_entry),
        cmocka_unit_test(sanitize_log),
        cmocka_unit_test(identify_controller),
        cmocka_unit_test(identify_namespace),
        cmocka_unit_test(lists),
        cmocka_unit_test(jmicron),
        cmocka_unit_test(asmedia_and_realtek),
        cmocka_unit_test(refusals),
        cmocka_unit_test(status_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
