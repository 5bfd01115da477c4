/* SPDX-License-Identifier: Apache-2.0 */
/* A program of somebody else. */
#include <lethe/words.h>
#include <stdio.h>

int main(void)
{
    enum lethe_outcome outcome = (enum lethe_outcome)lethe_outcome_parse("passed");
    printf("%s %d\n", lethe_outcome_name(outcome), lethe_outcome_exit(outcome));
    return 0;
}
