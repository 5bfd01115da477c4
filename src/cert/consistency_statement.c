/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a certificate says in words of its own claims is one sentence, made of the numbers beside it
 * (certs/SPEC.md, "Statements"): so nobody reads there what the claims do not say. What else is in
 * words (policy, limitations, reasons) is the issuer's, and shown so.
 */
#include "base/text.h"
#include "cert/checking.h"
#include <inttypes.h>
#include <string.h>

#define STATEMENT_MAX 640 /* "why" has 512 bytes at most */

bool lethe_is_limited(const struct lethe_node *claims, const char *begin)
{
    const struct lethe_node *item;
    LETHE_NODE_EACH(lethe_node_get(claims, "limitations"), item)
    {
        const char *said = lethe_node_string(item);
        if (said && strncmp(said, begin, strlen(begin)) == 0)
            return true;
    }
    return false;
}

/* Parts per million as a percentage with 0, 1, 2 or 4 decimals, as few as say it. */
static void percent(char out[16], uint64_t ppm)
{
    uint64_t whole = ppm / 10000, rest = ppm % 10000;
    if (rest == 0)
        lethe_text_format(out, 16, "%" PRIu64, whole);
    else if (rest % 1000 == 0)
        lethe_text_format(out, 16, "%" PRIu64 ".%" PRIu64, whole, rest / 1000);
    else if (rest % 100 == 0)
        lethe_text_format(out, 16, "%" PRIu64 ".%02" PRIu64, whole, rest / 100);
    else
        lethe_text_format(out, 16, "%" PRIu64 ".%04" PRIu64, whole, rest);
}

static void due_of_sample(char *out, const struct lethe_node *v, bool marks)
{
    char share[16], sure[16];
    percent(share, number(v, "fraction_ppm"));
    percent(sure, number(v, "confidence_ppm"));
    if (marks)
        lethe_text_format(out, STATEMENT_MAX,
                          "At most %s %% of the addressable blocks are not sanitised, with %s %% "
                          "confidence: %" PRIu64 " marks had been written at random places, and "
                          "none is there any more.",
                          share, sure, number(v, "samples"));
    else
        lethe_text_format(out, STATEMENT_MAX,
                          "At most %s %% of the addressable blocks are not sanitised, with %s %% "
                          "confidence: %" PRIu64 " of %" PRIu64 " blocks, drawn at random, were "
                          "read and none differs.",
                          share, sure, number(v, "samples"), number(v, "blocks"));
}

static void due_of_blocks(char *out, const struct lethe_node *v)
{
    const char *mode = text(v, "mode");
    bool marks = strcmp(text(v, "expected"), "unknown") == 0;
    char coverage[16];
    percent(coverage, number(v, "coverage_ppm"));
    if (number(v, "withheld") > 0 && marks)
        lethe_text_format(out, STATEMENT_MAX,
                          "%" PRIu64 " of the %" PRIu64 " marks that had been written before the "
                          "erasure were looked for, and none is there any more; the drive did not "
                          "give out the blocks of the other %" PRIu64 ".",
                          number(v, "samples"), number(v, "canaries_written"),
                          number(v, "withheld"));
    else if (number(v, "withheld") > 0)
        lethe_text_format(out, STATEMENT_MAX,
                          "%" PRIu64 " of %" PRIu64 " blocks were read and none differs; the drive "
                          "did not give out %" PRIu64 " that were asked for.",
                          number(v, "samples"), number(v, "blocks"), number(v, "withheld"));
    else if (strcmp(mode, "full") == 0)
        lethe_text_format(out, STATEMENT_MAX,
                          "All %" PRIu64 " addressable blocks were read; each holds what the "
                          "erasure left%s.",
                          number(v, "blocks"),
                          number(v, "excepted") ? ", known exceptions apart" : "");
    else if (strcmp(mode, "confidence") == 0)
        due_of_sample(out, v, marks);
    else
        lethe_text_format(out, STATEMENT_MAX,
                          "%s %% of the medium was read in %" PRIu64 " random samples of each of "
                          "%" PRIu64 " subsections; nothing differs.",
                          coverage, number(v, "samples_per_subsection"), number(v, "subsections"));
}

/* Of a drive with zones marks say less; whether it has any, only this sentence tells. */
static bool is_of_zones(const struct lethe_node *v)
{
    char due[STATEMENT_MAX];
    lethe_text_format(due, sizeof(due),
                      "%" PRIu64 " marks had been written at the beginnings of zones drawn at "
                      "random, and none is there any more; what was behind them was neither marked "
                      "nor read.",
                      number(v, "samples"));
    return strcmp(text(v, "expected"), "unknown") == 0 && number(v, "withheld") == 0 &&
           strcmp(text(v, "statement"), due) == 0;
}

/* Of what changed a phone the last look is the one that tells how it is now. */
static void due_of_state(char *out, const struct lethe_node *v)
{
    const struct lethe_node *item, *last = NULL;
    LETHE_NODE_EACH(lethe_node_get(v, "state"), item)
    last = item;
    lethe_text_format(out, STATEMENT_MAX, "Shown by the state of the device: %s.",
                      text(last, "why"));
}

void lethe_check_statement(struct checking *c)
{
    const struct lethe_node *v = lethe_node_get(c->claims, "verification");
    char due[STATEMENT_MAX];
    if (lethe_of_phone(c->claims))
        due_of_state(due, v);
    else
        due_of_blocks(due, v);
    if (strcmp(text(v, "statement"), due) != 0 && !is_of_zones(v))
        CONTRADICTION(c, "verification", "its statement is another than its numbers make");
}
