/* SPDX-License-Identifier: Apache-2.0 */
/* Which logs and witnesses, and how many of them: tlog-policy. */
#include "base/text.h"
#include "tlog/parts.h"
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX (3 + 2 * LETHE_TLOG_POLICY_EACH)
#define LEN_MAX (1 << 20)

struct word {
    const char *at;
    size_t len;
};

struct reading {
    struct lethe_tlog_policy *out;
    unsigned line;
    bool quorum_seen;
    uint64_t taken; /* members of some group already */
    struct lethe_error *err;
};

static int wrong(const struct reading *reading, const char *what)
{
    return lethe_fail(reading->err, LETHE_E_INVALID, "line %u of the policy: %s", reading->line,
                      what);
}

static bool is(const struct word *word, const char *text)
{
    return word->len == strlen(text) && memcmp(word->at, text, word->len) == 0;
}

/* Copied as bytes: names are opaque. */
static bool copy(char *out, size_t out_size, const struct word *word)
{
    if (word->len == 0 || word->len >= out_size)
        return false;
    memcpy(out, word->at, word->len);
    out[word->len] = '\0';
    return true;
}

/* The bit of a witness (0..31) or group (32..63) of this name, or -1. */
static int find(const struct lethe_tlog_policy *policy, const struct word *name)
{
    for (size_t i = 0; i < policy->n_witnesses; i++)
        if (is(name, policy->witness[i].name))
            return (int)i;
    for (size_t i = 0; i < policy->n_groups; i++)
        if (is(name, policy->group[i].name))
            return (int)(LETHE_TLOG_POLICY_EACH + i);
    return -1;
}

static bool is_free(const struct reading *reading, const struct word *name)
{
    return !is(name, "none") && find(reading->out, name) < 0;
}

static int get_key(const struct reading *reading, const struct word *word,
                   enum lethe_tlog_key_type type, struct lethe_tlog_key *out)
{
    int rc = lethe_tlog_key_parse(word->at, word->len, out, NULL);
    if (rc < 0)
        return wrong(reading, "that is no verifier key");
    if (out->type != type)
        return wrong(reading, type == LETHE_TLOG_ED25519 ? "a log's key is of type 0x01"
                                                         : "a witness's key is of type 0x04");
    return 0;
}

/* One key under two names would count twice. */
static bool same_key(const struct lethe_tlog_key *a, const struct lethe_tlog_key *b)
{
    return memcmp(a->pub, b->pub, sizeof(a->pub)) == 0;
}

static int add_log(struct reading *reading, const struct word *words, size_t n)
{
    struct lethe_tlog_policy *policy = reading->out;
    if (n < 2 || n > 3)
        return wrong(reading, "it is: log VKEY [URL]");
    if (policy->n_logs == LETHE_TLOG_POLICY_EACH)
        return wrong(reading, "too many logs");
    size_t at = policy->n_logs;
    int rc = get_key(reading, &words[1], LETHE_TLOG_ED25519, &policy->log[at].key);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < at; i++)
        if (same_key(&policy->log[i].key, &policy->log[at].key))
            return wrong(reading, "this log is there already");
    if (n == 3 && !copy(policy->log[at].url, sizeof(policy->log[at].url), &words[2]))
        return wrong(reading, "the URL is too long");
    policy->n_logs++;
    return 0;
}

static int add_witness(struct reading *reading, const struct word *words, size_t n)
{
    struct lethe_tlog_policy *policy = reading->out;
    if (n < 3 || n > 4)
        return wrong(reading, "it is: witness NAME VKEY [URL]");
    if (policy->n_witnesses == LETHE_TLOG_POLICY_EACH)
        return wrong(reading, "too many witnesses");
    size_t at = policy->n_witnesses;
    if (!is_free(reading, &words[1]) ||
        !copy(policy->witness[at].name, sizeof(policy->witness[at].name), &words[1]))
        return wrong(reading, "the name is taken, or too long");
    int rc = get_key(reading, &words[2], LETHE_TLOG_COSIGNATURE, &policy->witness[at].key);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < at; i++)
        if (same_key(&policy->witness[i].key, &policy->witness[at].key))
            return wrong(reading, "this witness is there already");
    if (n == 4 && !copy(policy->witness[at].url, sizeof(policy->witness[at].url), &words[3]))
        return wrong(reading, "the URL is too long");
    policy->n_witnesses++;
    return 0;
}

static int get_threshold(const struct reading *reading, const struct word *word, size_t members,
                         unsigned *out)
{
    uint64_t k;
    if (is(word, "any"))
        *out = 1;
    else if (is(word, "all"))
        *out = (unsigned)members;
    else if (lethe_tlog_number(word->at, word->len, members, &k) && k > 0)
        *out = (unsigned)k;
    else
        return wrong(reading, "the threshold is any, all, or from 1 to the number of members");
    return 0;
}

static int add_group(struct reading *reading, const struct word *words, size_t n)
{
    struct lethe_tlog_policy *policy = reading->out;
    if (n < 4)
        return wrong(reading, "it is: group NAME any|all|K NAME...");
    if (policy->n_groups == LETHE_TLOG_POLICY_EACH)
        return wrong(reading, "too many groups");
    size_t at = policy->n_groups;
    if (!is_free(reading, &words[1]) ||
        !copy(policy->group[at].name, sizeof(policy->group[at].name), &words[1]))
        return wrong(reading, "the name is taken, or too long");
    int rc = get_threshold(reading, &words[2], n - 3, &policy->group[at].k);
    if (rc < 0)
        return rc;
    for (size_t i = 3; i < n; i++) {
        int bit = find(policy, &words[i]);
        if (bit < 0)
            return wrong(reading, "a member is not defined above");
        if (reading->taken >> bit & 1)
            return wrong(reading, "a member is in a group already");
        reading->taken |= UINT64_C(1) << bit;
        policy->group[at].members |= UINT64_C(1) << bit;
    }
    policy->n_groups++;
    return 0;
}

static int set_quorum(struct reading *reading, const struct word *words, size_t n)
{
    if (n != 2)
        return wrong(reading, "it is: quorum NAME|none");
    if (reading->quorum_seen)
        return wrong(reading, "a second quorum");
    reading->quorum_seen = true;
    reading->out->quorum_none = is(&words[1], "none");
    int bit = reading->out->quorum_none ? 0 : find(reading->out, &words[1]);
    if (bit < 0)
        return wrong(reading, "the quorum is not defined above");
    reading->out->quorum = (unsigned)bit;
    return 0;
}

static int read_line(struct reading *reading, const char *line, size_t len)
{
    struct word words[WORDS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7F)
            return wrong(reading, "a control character");
    for (size_t i = 0; i < len;) {
        if (line[i] == ' ' || line[i] == '\t') {
            i++;
            continue;
        }
        if (n == 0 && line[i] == '#')
            return 0;
        if (n == WORDS_MAX)
            return wrong(reading, "too many words");
        words[n].at = line + i;
        while (i < len && line[i] != ' ' && line[i] != '\t')
            i++;
        words[n].len = (size_t)(line + i - words[n].at);
        n++;
    }
    if (n == 0)
        return 0;
    if (is(&words[0], "log"))
        return add_log(reading, words, n);
    if (is(&words[0], "witness"))
        return add_witness(reading, words, n);
    if (is(&words[0], "group"))
        return add_group(reading, words, n);
    if (is(&words[0], "quorum"))
        return set_quorum(reading, words, n);
    return wrong(reading, "a line begins with log, witness, group or quorum");
}

int lethe_tlog_policy_parse(const char *text, size_t len, struct lethe_tlog_policy *out,
                            struct lethe_error *err)
{
    struct reading reading = {.out = out, .line = 1, .err = err};
    const char *at = text, *end = text + len, *line;
    size_t n;
    memset(out, 0, sizeof(*out));
    if (len > LEN_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "the policy is longer than %d bytes", LEN_MAX);
    for (; lethe_tlog_line(&at, end, &line, &n); reading.line++) {
        int rc = read_line(&reading, line, n);
        if (rc < 0)
            return rc;
    }
    if (at != end)
        return wrong(&reading, "the last line has no end");
    return reading.quorum_seen ? 0 : lethe_fail(err, LETHE_E_INVALID, "the policy has no quorum");
}
