/* SPDX-License-Identifier: Apache-2.0 */
/*
 * liblethe-verify for other languages: JSON in, JSON out, two functions and no structs.
 * Thread-safe: nothing is kept between calls. Stable: members are added, never renamed, within one
 * soversion.
 */
#ifndef LETHE_VERIFY_JSON_H
#define LETHE_VERIFY_JSON_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * REQUEST is one object; any member that is not one of these is an error, so that nothing that was
 * asked for is passed over:
 *
 *   "certificate"     what lethe-verify takes as a file: SD-JWT, JSON bundle or text of a label; or
 *   "certificate_b64" the same in base64 (RFC 4648 section 4): a PDF
 *   "proof"           text of the .tlog-proof, if it came apart
 *   "validation"      text of a second person's signed word on it
 *   "trust"           list of PEM texts: roots that are believed
 *   "trust_list"      {"list", "key"}: a signed list of organisations, and its publisher's key
 * (PEM) "benches"         list of PEM texts: bench certificates, to check labels "status" list of
 * texts: token status lists "crls"            list of texts (PEM) "log_policy"      text of a C2SP
 * tlog-policy "log_keys"        list of vkeys "seen"            text of a checkpoint that was kept
 *   "device"          an identifier that must match
 *   "require"         list of "CLAIM" or "CLAIM=VALUE"
 *   "accept"          list of outcomes     "allow"  list of substrates
 *   "min_level"       0, 1 or 2
 *   "not_before_age"  seconds
 *   "now"             seconds since 1970; the computer's clock without it
 *
 * The answer is the report as lethe-verify --json prints it, or {"error": {"code", "text"}} when
 * the request was wrong and nothing was verified: then there is no "verdict". To be freed with
 * lethe_verify_json_free(); NULL only when memory ran out.
 */
char *lethe_verify_json(const char *request);
void lethe_verify_json_free(char *answer);
/* "0.1.0" */
const char *lethe_verify_version(void);

#ifdef __cplusplus
}
#endif
#endif
