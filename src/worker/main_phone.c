/* SPDX-License-Identifier: Apache-2.0 */
/* lethe-worker-phone: the same, with the libraries that talk to phones. */
#include <io/phone/phone.h>
#include <lethe/worker.h>

int main(int argc, char **argv)
{
    lethe_phone_io_use(&lethe_phone_io_real);
    return lethe_worker_program("lethe-worker-phone", argc, argv);
}
