/* SPDX-License-Identifier: Apache-2.0 */
/* The host's side of ADB against a model of a phone, and against phones that lie. */
#include "android_bench.h"

#include <base/text.h>
#include <base/time.h>
#include <errno.h>
#include <phone/adb.h>
#include <proto/bytes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct lethe_adb *connect(struct android_bench *bench, struct lethe_io **io)
{
    struct lethe_adb *adb = NULL;
    *io = android_bench_plug(bench);
    assert_non_null(*io);
    assert_int_equal(lethe_adb_connect(*io, 0, &adb, &bench->err), 0);
    return adb;
}

static void it_is_known_by_its_signature(void **state)
{
    struct android_bench bench;
    struct lethe_io *io;
    (void)state;
    android_bench_begin(&bench, "normal", "", "");
    struct lethe_adb *adb = connect(&bench, &io);
    assert_int_equal(lethe_adb_trust(adb), LETHE_ADB_TRUST_SIGNED);
    assert_int_equal(lethe_adb_peer(adb)->state, LETHE_ADB_STATE_DEVICE);
    assert_string_equal(lethe_adb_peer(adb)->model, "Pixel 7");
    lethe_adb_free(adb);
    lethe_io_close(io);
    android_bench_end(&bench);
}

static void a_stranger_is_let_in_by_a_person(void **state)
{
    struct android_bench bench;
    struct lethe_io *io;
    struct lethe_adb *adb = NULL;
    (void)state;
    android_bench_begin(&bench, "normal", "key=strange", "");
    io = android_bench_plug(&bench);
    /* Nobody is asked: nobody has been. */
    assert_int_equal(lethe_adb_connect(io, 0, &adb, &bench.err), -LETHE_E_UNTRUSTED);
    assert_null(adb);
    lethe_io_close(io);
    io = android_bench_plug(&bench);
    assert_int_equal(lethe_adb_connect(io, 3000, &adb, &bench.err), 0);
    assert_int_equal(lethe_adb_trust(adb), LETHE_ADB_TRUST_TOLD);
    lethe_adb_free(adb);
    lethe_io_close(io);
    adb = connect(&bench, &io);
    assert_int_equal(lethe_adb_trust(adb), LETHE_ADB_TRUST_SIGNED);
    lethe_adb_free(adb);
    lethe_io_close(io);
    android_bench_end(&bench);
}

static void a_phone_that_nobody_answers_for_stays_closed(void **state)
{
    struct android_bench bench;
    struct lethe_adb *adb = NULL;
    (void)state;
    android_bench_begin(&bench, "normal", "key=strange", "unauthorised");
    struct lethe_io *io = android_bench_plug(&bench);
    uint64_t began = lethe_monotonic_ms();
    assert_int_equal(lethe_adb_connect(io, 200, &adb, &bench.err), -LETHE_E_UNTRUSTED);
    assert_true(lethe_monotonic_ms() - began < 4000);
    assert_non_null(strstr(bench.err.remedy, "Always allow"));
    lethe_io_close(io);
    android_bench_end(&bench);
}

static void its_shell_tells_how_commands_ended(void **state)
{
    struct android_bench bench;
    struct lethe_io *io;
    (void)state;
    android_bench_begin(&bench, "normal", "", "");
    struct lethe_adb *adb = connect(&bench, &io);
    LETHE_ADB_OUTPUT_AUTO out = {.exit = -1};
    assert_int_equal(lethe_adb_shell(adb, "getprop ro.serialno", &out, 2000, &bench.err), 0);
    assert_int_equal(out.exit, 0);
    assert_memory_equal(out.text.data, BENCH_SERIAL "\n", strlen(BENCH_SERIAL) + 1);
    lethe_adb_output_clear(&out);
    assert_int_equal(lethe_adb_shell(adb, "exit 7", &out, 2000, &bench.err), 0);
    assert_int_equal(out.exit, 7);
    lethe_adb_free(adb);
    lethe_io_close(io);
    android_bench_end(&bench);
}

static void fill_with_offset(void *user, uint64_t offset, void *out, size_t len)
{
    (void)user;
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)((offset + i) / 251);
}

static void files_are_sent_whole_or_refused(void **state)
{
    struct android_bench bench;
    struct lethe_io *io;
    struct lethe_adb_file file;
    (void)state;
    android_bench_begin(&bench, "normal", "storage=1MiB", "");
    struct lethe_adb *adb = connect(&bench, &io);
    assert_int_equal(lethe_adb_stat(adb, "/sdcard/x", &file, 2000, &bench.err), 0);
    assert_int_equal(file.mode, 0);
    assert_int_equal(
        lethe_adb_send(adb, "/sdcard/x", 200001, fill_with_offset, NULL, 2000, &bench.err), 0);
    assert_int_equal(lethe_adb_stat(adb, "/sdcard/x", &file, 2000, &bench.err), 0);
    assert_int_equal(file.size, 200001);
    LETHE_ADB_OUTPUT_AUTO out = {.exit = -1};
    assert_int_equal(lethe_adb_shell(adb, "cat /sdcard/x", &out, 2000, &bench.err), 0);
    assert_int_equal(out.text.len, 200001);
    for (size_t i = 0; i < out.text.len; i++)
        assert_int_equal((uint8_t)out.text.data[i], (uint8_t)(i / 251));
    assert_int_equal(
        lethe_adb_send(adb, "/sdcard/y", 2 << 20, fill_with_offset, NULL, 2000, &bench.err),
        -LETHE_E_LIMIT);
    assert_non_null(strstr(bench.err.what, "No space left"));
    /* And it goes on. */
    assert_int_equal(lethe_adb_stat(adb, "/sdcard/x", &file, 2000, &bench.err), 0);
    lethe_adb_free(adb);
    lethe_io_close(io);
    android_bench_end(&bench);
}

static void it_leaves_when_told(void **state)
{
    struct android_bench bench;
    struct lethe_io *io;
    (void)state;
    android_bench_begin(&bench, "normal", "", "");
    struct lethe_adb *adb = connect(&bench, &io);
    assert_int_equal(lethe_adb_leave(adb, "reboot:sideload", 2000, &bench.err), 0);
    lethe_adb_free(adb);
    lethe_io_close(io);
    adb = connect(&bench, &io);
    assert_int_equal(lethe_adb_peer(adb)->state, LETHE_ADB_STATE_SIDELOAD);
    assert_int_equal(lethe_adb_trust(adb), LETHE_ADB_TRUST_NONE);
    lethe_adb_free(adb);
    lethe_io_close(io);
    android_bench_end(&bench);
}

/* -- phones that no model of ours is: every byte by hand ----------------------------------------
 */

struct said {
    const void *data;
    size_t len;
};

struct script {
    struct lethe_io io;
    const struct said *says;
    size_t n, at;
    unsigned heard;
};

static int script_command(struct lethe_io *io, struct lethe_command *command)
{
    struct script *script = (struct script *)io;
    if (command->direction == LETHE_DATA_OUT) {
        script->heard++;
        return 0;
    }
    if (script->at >= script->n) {
        usleep(1000);
        return -ETIMEDOUT;
    }
    size_t len = script->says[script->at].len;
    if (len > command->data_len)
        return -EOVERFLOW;
    memcpy(command->data, script->says[script->at++].data, len);
    command->transferred = len;
    return 0;
}

static const struct lethe_io_ops script_ops = {.name = "script", .command = script_command};

static void message(uint8_t out[24], uint32_t command, uint32_t arg0, uint32_t arg1,
                    const void *payload, uint32_t len)
{
    lethe_adb_header_build(out, command, arg0, arg1, payload, len);
}

static int meet(struct script *script, struct lethe_error *err)
{
    struct lethe_adb *adb = NULL;
    json_t *config = json_object();
    script->io.ops = &script_ops;
    script->io.config = config;
    int rc = lethe_adb_connect(&script->io, 0, &adb, err);
    lethe_adb_free(adb);
    json_decref(config);
    return rc;
}

static void lies_at_the_door(void **state)
{
    (void)state;
    static const char banner[] = "device::ro.product.model=X;features=shell_v2";
    uint8_t good[24], huge[24], tls[24], tiny[24], garbled[24];
    struct lethe_error err = {0};
    message(good, LETHE_ADB_CNXN, 0x01000001, 65536, banner, sizeof(banner));
    message(huge, LETHE_ADB_CNXN, 0x01000001, 65536, banner, sizeof(banner));
    lethe_put_le32(huge + 12, 0xffffffff);
    message(tls, LETHE_ADB_STLS, 0x01000000, 0, NULL, 0);
    message(tiny, LETHE_ADB_CNXN, 0x01000001, 1, banner, sizeof(banner));
    message(garbled, LETHE_ADB_CNXN, 0x01000001, 65536, "\xff\xfe\xfd", 3);

    /* What another session left behind is read over. */
    const struct said old[] = {{"left over", 9}, {good, 24}, {banner, sizeof(banner)}};
    const struct said loud[] = {{huge, 24}};
    const struct said wifi[] = {{tls, 24}};
    const struct said narrow[] = {{tiny, 24}, {banner, sizeof(banner)}};
    const struct said noise[] = {{garbled, 24}, {"\xff\xfe\xfd", 3}};
    assert_int_equal(meet(&(struct script){.says = old, .n = 3}, &err), 0);
    assert_int_equal(meet(&(struct script){.says = loud, .n = 1}, &err), -LETHE_E_TIMEOUT);
    assert_int_equal(meet(&(struct script){.says = wifi, .n = 1}, &err), -LETHE_E_UNSUPPORTED);
    assert_int_equal(meet(&(struct script){.says = narrow, .n = 2}, &err), -LETHE_E_INVALID);
    assert_int_equal(meet(&(struct script){.says = noise, .n = 2}, &err), -LETHE_E_INVALID);
}

static void four_gigabytes_end_the_session(void **state)
{
    struct android_bench bench;
    struct lethe_io *io;
    (void)state;
    android_bench_begin(&bench, "normal", "", "length-4g");
    struct lethe_adb *adb = connect(&bench, &io);
    LETHE_ADB_OUTPUT_AUTO out = {.exit = -1};
    assert_int_equal(lethe_adb_shell(adb, "getprop", &out, 2000, &bench.err), -LETHE_E_LIMIT);
    lethe_adb_free(adb);
    lethe_io_close(io);
    android_bench_end(&bench);
}

static void the_key_is_made_once_and_kept_to_us(void **state)
{
    (void)state;
    char dir[] = "/dev/shm/lethe-key-XXXXXX", path[64], lock[64];
    struct lethe_error err;
    struct lethe_io_spec one = {.driver = "android"}, two = {.driver = "android"},
                         apple = {.driver = "ios"};
    struct stat st;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(lethe_adb_host_give(dir, &one, &err), 0);
    assert_int_equal(lethe_adb_host_give(dir, &two, &err), 0);
    assert_int_equal(lethe_adb_host_give(dir, &apple, &err), 0);
    assert_true(json_equal(one.config, two.config));
    assert_null(apple.config);
    lethe_text_format(path, sizeof(path), "%s/adbkey", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    struct lethe_adb_host *host;
    assert_int_equal(lethe_adb_host_new("-----BEGIN PRIVATE KEY-----\n", &host, &err),
                     -LETHE_E_INVALID);
    lethe_io_spec_close(&one);
    lethe_io_spec_close(&two);
    lethe_text_format(lock, sizeof(lock), "%s/adbkey.lock", dir);
    unlink(path);
    unlink(lock);
    assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_known_by_its_signature),
        cmocka_unit_test(a_stranger_is_let_in_by_a_person),
        cmocka_unit_test(a_phone_that_nobody_answers_for_stays_closed),
        cmocka_unit_test(its_shell_tells_how_commands_ended),
        cmocka_unit_test(files_are_sent_whole_or_refused),
        cmocka_unit_test(it_leaves_when_told),
        cmocka_unit_test(lies_at_the_door),
        cmocka_unit_test(four_gigabytes_end_the_session),
        cmocka_unit_test(the_key_is_made_once_and_kept_to_us),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
