/* SPDX-License-Identifier: Apache-2.0 */
#include "io/mux.h"

#include "base/file.h"
#include "base/json.h"
#include "base/program.h"
#include "base/text.h"
#include "io/phone/phone.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SOCKET_NAME "mux"
#define STALE_SECONDS 60

bool lethe_udid_valid(const char *udid)
{
    size_t n = strlen(udid);
    for (const char *c = udid; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '-')
            return false;
    return n >= 8 && n < 60;
}

static bool refuses(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!lethe_text_format(address.sun_path, sizeof(address.sun_path), "%s", path))
        return false;
    LETHE_FD_AUTO fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 &&
           errno == ECONNREFUSED;
}

static void remove_dir(const char *path)
{
    char dir[PATH_MAX];
    lethe_text_format(dir, sizeof(dir), "%s", path);
    unlink(dir);
    *strrchr(dir, '/') = '\0';
    rmdir(dir);
}

/* Directories of those that ended with a worker: nobody was there to take them away. */
static void sweep(const char *parent)
{
    char **names = NULL;
    if (lethe_dir_list(parent, &names, NULL) < 0)
        return;
    for (char **name = names; *name; name++) {
        char path[PATH_MAX];
        struct stat st;
        if (strncmp(*name, "mux-", 4) == 0 &&
            lethe_text_format(path, sizeof(path), "%s/%s/" SOCKET_NAME, parent, *name) &&
            stat(path, &st) == 0 && time(NULL) - st.st_mtime > STALE_SECONDS && refuses(path))
            remove_dir(path);
    }
    lethe_names_free(names);
}

/* Nobody but root looks into the parent; the worker, which is nobody by then, may pass through the
 * directory itself: it has become its root. */
static int make_dir(const struct lethe_mux_order *order, char out[PATH_MAX],
                    struct lethe_error *err)
{
    const char *own = getenv("XDG_RUNTIME_DIR");
    char parent[PATH_MAX];
    bool root = geteuid() == 0;
    lethe_text_format(parent, sizeof(parent), "%s/lethe", root ? order->run : own ? own : "/tmp");
    if (!root && !own) /* shared with everybody: a directory of a name that none can foresee */
        lethe_text_format(parent, sizeof(parent), "/tmp");
    int rc = lethe_dir_make(parent, 0700, err);
    if (rc < 0)
        return rc;
    sweep(parent);
    lethe_text_format(out, PATH_MAX, "%s/mux-XXXXXX", parent);
    if (!mkdtemp(out) || chmod(out, root ? 0711 : 0700) < 0)
        return lethe_fail_errno(err, errno, "no directory for the device's socket below %s",
                                parent);
    return 0;
}

static int spawn(const struct lethe_mux_order *order, const char *path, int leash,
                 struct lethe_error *err)
{
    char program[PATH_MAX];
    const char *argv[14] = {"lethe-mux", "--socket",   path,           "--udid",
                            order->udid, "--upstream", order->upstream};
    size_t n = 7;
    pid_t pid = 0;
    int status = 0;
    if (order->record) {
        argv[n++] = "--record";
        argv[n++] = order->record;
    }
    if (order->pairing)
        argv[n++] = "--pairing";
    if (order->borrow)
        argv[n++] = "--borrow";
    int rc = lethe_program_find("lethe-mux", program, sizeof(program), err);
    if (rc < 0)
        return rc;
    /* posix_spawn() takes argv without const and changes nothing. */
    int failed = lethe_program_spawn(program, (char *const *)(uintptr_t)argv, environ, leash,
                                     STDIN_FILENO, &pid);
    if (failed)
        return lethe_fail_errno(err, failed, "%s can't be started", program);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0
               ? 0
               : lethe_fail(err, LETHE_E_INTERNAL, "%s could not begin", program);
}

int lethe_mux_start(const struct lethe_mux_order *order, struct lethe_mux_leash *out,
                    struct lethe_error *err)
{
    char dir[PATH_MAX];
    int pair[2];
    *out = (struct lethe_mux_leash){.fd = -1};
    if (!lethe_udid_valid(order->udid))
        return lethe_fail(err, LETHE_E_INVALID, "no device has the UDID \"%.60s\"", order->udid);
    int rc = make_dir(order, dir, err);
    if (rc < 0)
        return rc;
    if (!lethe_text_format(out->path, sizeof(out->path), "%s/" SOCKET_NAME, dir)) {
        rmdir(dir);
        return lethe_fail(err, LETHE_E_LIMIT, "the path of a socket in %s is too long", dir);
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        rmdir(dir);
        return lethe_fail_errno(err, errno, "no socket for lethe-mux");
    }
    rc = spawn(order, out->path, pair[1], err);
    close(pair[1]);
    out->fd = pair[0];
    if (rc < 0)
        lethe_mux_stop(out);
    return rc;
}

void lethe_mux_stop(struct lethe_mux_leash *leash)
{
    if (leash->fd >= 0) {
        close(leash->fd);
        remove_dir(leash->path);
    }
    leash->fd = -1;
}

int lethe_mux_spec(const struct lethe_mux_leash *leash, const char *driver, const char *udid,
                   bool writable, struct lethe_io_spec *out, struct lethe_error *err)
{
    *out = (struct lethe_io_spec){.writable = writable};
    lethe_text_format(out->driver, sizeof(out->driver), "%s", driver);
    out->config = json_pack("{s:s, s:s}", "socket", leash->path, "udid", udid);
    int fd = dup(leash->fd);
    if (fd >= 0)
        out->fds[out->n_fds++] = fd;
    if (fd >= 0 && out->config)
        return 0;
    lethe_io_spec_close(out);
    return lethe_fail(err, LETHE_E_INTERNAL, "no descriptor or no memory is left");
}

int lethe_mux_open(const struct lethe_io_spec *spec, struct lethe_io **out, struct lethe_error *err)
{
    const char *path = NULL, *udid = NULL;
    int rc = spec->config ? lethe_json_str(spec->config, "socket", &path, err)
                          : lethe_fail(err, LETHE_E_INVALID, "a device without its socket");
    if (rc == 0)
        rc = lethe_json_str(spec->config, "udid", &udid, err);
    return rc < 0 ? rc : lethe_phone_open_apple(path, udid, out, err);
}
