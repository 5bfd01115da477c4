/* SPDX-License-Identifier: Apache-2.0 */
/* What the C verifier says, for who compares: a request of lethe_verify_json() a line, an answer a
 * line. */
#include <lethe/verify_json.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        char *answer = lethe_verify_json(line);
        if (!answer || puts(answer) < 0 || fflush(stdout) != 0)
            return 1;
        lethe_verify_json_free(answer);
    }
    free(line);
    return 0;
}
