/* SPDX-License-Identifier: Apache-2.0 */
/* A policy that loads keeps its promises: whoever reads it needs no checks of its own. */
#include <lethe/policy.h>

#include "base/pattern.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
    if (!promise)
        abort();
}

static void check(const struct lethe_policy *p)
{
    require(p->n_rules >= 1 && p->n_rules <= LETHE_RULES_MAX);
    require(p->n_required <= LETHE_RECORD_FIELDS_MAX);
    require(p->canaries >= 2 && strlen(p->hash) == 64);
    require(p->method > LETHE_METHOD_NONE);
    require(p->exceptions_allowed == (p->exceptions_max_sectors > 0));
    for (size_t i = 0; i < p->n_rules; i++) {
        require(p->rules[i].n_passes <= LETHE_PASSES_MAX && p->rules[i].media && p->rules[i].kinds);
        for (size_t j = 0; j < p->rules[i].n_passes; j++) {
            struct lethe_pattern pattern;
            char again[24];
            require(lethe_pattern_parse(p->rules[i].passes[j], &pattern, NULL) == 0);
            lethe_pattern_format(again, sizeof(again), &pattern);
            require(strcmp(again, p->rules[i].passes[j]) == 0);
        }
    }
    if (p->verification.mode == LETHE_VERIFY_CONFIDENCE)
        require(lethe_sample_count(p->verification.confidence_ppm, p->verification.fraction_ppm,
                                   1000) > 0);
    if (p->verification.mode == LETHE_VERIFY_STRATA)
        require((uint64_t)p->verification.samples * p->verification.percent_ppm <= 1000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_policy *policy = NULL;
    struct lethe_error err = {0};
    int rc = lethe_policy_parse("fuzz.yaml", (const char *)data, size, &policy, &err);
    require(rc == 0 ? policy != NULL : policy == NULL && err.what[0] != '\0');
    if (policy)
        check(policy);
    lethe_policy_free(policy);
    return 0;
}
