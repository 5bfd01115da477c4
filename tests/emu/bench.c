/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <base/file.h>
#include <base/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void must(struct bench *bench, int rc)
{
    if (rc < 0)
        fail_msg("%s", bench->err.what);
}

void bench_new(struct bench *bench, const char *text)
{
    *bench = (struct bench){.dir = "/tmp/lethe-emu-XXXXXX"};
    assert_non_null(mkdtemp(bench->dir));
    assert_true(lethe_text_format(bench->file, sizeof(bench->file), "%s/bench.yaml", bench->dir));
    must(bench, lethe_file_write(bench->file, text, strlen(text), 0600, &bench->err));
}

void bench_load(struct bench *bench)
{
    must(bench, lethe_emu_load(bench->file, &bench->list, &bench->err));
}

void bench_claim(struct bench *bench)
{
    must(bench, lethe_driver_emu.claim(NULL, &bench->list.devices[0], &bench->held, &bench->err));
}

void bench_release(struct bench *bench)
{
    lethe_driver_emu.release(bench->held);
    bench->held = NULL;
}

void bench_disk(struct bench *bench, const char *faults, const char *more)
{
    char text[2048];
    assert_true(lethe_text_format(text, sizeof(text),
                                  "devices:\n"
                                  "  - name: disk\n"
                                  "    vendor: Lethe\n"
                                  "    model: Model disk\n"
                                  "    serial: EMU-1\n"
                                  "    wwn: 5000c500a1b2c3d4\n"
                                  "    capacity: 1MiB\n"
                                  "    physical_block: 4096\n"
                                  "    media: magnetic\n"
                                  "    contents: \"text:o\"\n"
                                  "    faults: %s\n"
                                  "%s",
                                  faults, more));
    bench_new(bench, text);
    bench_load(bench);
    bench_claim(bench);
}

struct bench_io bench_io(struct bench *bench, bool writable)
{
    struct bench_io opened = {0};
    must(bench, lethe_driver_emu.spec(bench->held, writable, &opened.spec, &bench->err));
    must(bench, lethe_driver_emu.open(&opened.spec, 8, &opened.io, &bench->err));
    return opened;
}

void bench_io_close(struct bench_io *opened)
{
    lethe_io_close(opened->io);
    lethe_io_spec_close(&opened->spec);
}

void bench_end(struct bench *bench)
{
    char **names, path[256];
    bench_release(bench);
    for (size_t i = 0; i < bench->list.n; i++)
        json_decref(bench->list.devices[i].config);
    free(bench->list.devices);
    must(bench, lethe_dir_list(bench->dir, &names, &bench->err));
    for (char **name = names; *name; name++) {
        assert_int_equal(lethe_path_join(path, sizeof(path), bench->dir, *name, NULL), 0);
        unlink(path);
    }
    lethe_names_free(names);
    assert_int_equal(rmdir(bench->dir), 0);
}

size_t bench_old_blocks(struct bench *bench)
{
    static char old[512];
    size_t n = 0;
    char *all = lethe_io_buffer(MIB);
    struct bench_io opened = bench_io(bench, false);
    assert_int_equal(lethe_io_read(opened.io, all, MIB, 0), 0);
    memset(old, OLD, sizeof(old));
    for (size_t at = 0; at < MIB; at += sizeof(old))
        n += memcmp(all + at, old, sizeof(old)) == 0;
    bench_io_close(&opened);
    lethe_io_buffer_free(all);
    return n;
}

int bench_fill(struct lethe_io *io, char c, uint64_t offset, size_t len)
{
    size_t chunk = len < 65536 ? len : 65536;
    char *data = lethe_io_buffer(chunk);
    int rc = 0;
    memset(data, c, chunk);
    for (size_t done = 0; rc == 0 && done < len; done += chunk)
        rc = lethe_io_write(io, data, chunk, offset + done);
    lethe_io_buffer_free(data);
    return rc;
}

bool bench_is(struct lethe_io *io, char c, uint64_t offset, size_t len)
{
    char *data = lethe_io_buffer(len);
    assert_int_equal(lethe_io_read(io, data, len, offset), 0);
    bool same = data[0] == c && memcmp(data, data + 1, len - 1) == 0;
    lethe_io_buffer_free(data);
    return same;
}
