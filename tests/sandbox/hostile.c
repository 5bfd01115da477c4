/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lethe-worker-phone as a phone would have it that found a hole in what reads its answers: the same
 * program, but that in the process named by LETHE_HOSTILE_IN ("__worker" or "__probe") the code
 * which talks to the device then does as LETHE_HOSTILE says. Linked with --wrap for that.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <io/apple.h>
#include <io/phone/phone.h>
#include <lethe/worker.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <worker/worker.h>

static const char *act = "";
static bool armed;

/* Nobody hears what it says: what matters is whether it lives to say it. */
static void came_through(const char *what)
{
    (void)!write(STDERR_FILENO, what, strlen(what));
    _exit(0);
}

static void read_a_file(void)
{
    if (open("/etc/passwd", O_RDONLY) >= 0)
        came_through("hostile: a file was opened\n");
}

static void call_home(void)
{
    struct sockaddr_in home = {.sin_family = AF_INET, .sin_port = htons(9)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&home, sizeof(home)) == 0)
        came_through("hostile: a connection was made\n");
}

/* A gigabyte, as parsers take it: without looking what malloc said. */
static void take_memory(void)
{
    for (size_t i = 0; i < 64; i++) {
        char *block = malloc((size_t)16 << 20);
        memset(block, 1, (size_t)16 << 20);
    }
    came_through("hostile: a gigabyte was taken\n");
}

static void spin(void)
{
    volatile uint64_t turns = 0;
    while (turns < UINT64_MAX)
        turns++;
}

static void do_it(void)
{
    if (!armed)
        return;
    if (!strcmp(act, "open"))
        read_a_file();
    else if (!strcmp(act, "inet"))
        call_home();
    else if (!strcmp(act, "memory"))
        take_memory();
    else if (!strcmp(act, "spin"))
        spin();
    else if (!strcmp(act, "hang"))
        for (;;)
            sleep(1000);
}

/* What all talk with an Android phone goes through, and all talk with an iPhone. */
int __real_lethe_io_command(struct lethe_io *io, struct lethe_command *command);
int __wrap_lethe_io_command(struct lethe_io *io, struct lethe_command *command);
int __wrap_lethe_io_command(struct lethe_io *io, struct lethe_command *command)
{
    do_it();
    return __real_lethe_io_command(io, command);
}

void __real_lethe_apple_answer_clear(struct lethe_apple_answer *answer);
void __wrap_lethe_apple_answer_clear(struct lethe_apple_answer *answer);
void __wrap_lethe_apple_answer_clear(struct lethe_apple_answer *answer)
{
    do_it();
    __real_lethe_apple_answer_clear(answer);
}

int __real_lethe_runner_run(const struct lethe_order *order, struct lethe_io *io,
                            const struct lethe_sandbox *sandbox, int fd);
int __wrap_lethe_runner_run(const struct lethe_order *order, struct lethe_io *io,
                            const struct lethe_sandbox *sandbox, int fd);
int __wrap_lethe_runner_run(const struct lethe_order *order, struct lethe_io *io,
                            const struct lethe_sandbox *sandbox, int fd)
{
    /* A step that erases may be silent for minutes: who hangs is not waited for so long. */
    armed = order->plan.steps[order->step].kind == LETHE_STEP_TECHNIQUE || !strcmp(act, "hang");
    return __real_lethe_runner_run(order, io, sandbox, fd);
}

int main(int argc, char **argv)
{
    const char *where = getenv("LETHE_HOSTILE_IN"), *what = getenv("LETHE_HOSTILE");
    if (argc == 2 && where && what && !strcmp(argv[1], where))
        act = what;
    armed = argc == 2 && !strcmp(argv[1], "__probe");
    lethe_phone_io_use(&lethe_phone_io_real);
    return lethe_worker_program("lethe-worker-phone", argc, argv);
}
