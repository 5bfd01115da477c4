/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verify one certificate with liblethe-verify:
 *   cc verify.c $(pkg-config --cflags --libs lethe-verify) -o verify
 *   ./verify CERTIFICATE ROOT.pem [DEVICE]
 * Exit status as lethe-verify's: 0 valid, 1 invalid, 2 undetermined, 3 wrong usage.
 */
#include <lethe/carrier.h>
#include <lethe/certificate.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static char *slurp(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *data = malloc(LETHE_CARRIER_MAX);
    *len = file && data ? fread(data, 1, LETHE_CARRIER_MAX, file) : 0;
    if (file)
        fclose(file);
    return data;
}

int main(int argc, char **argv)
{
    struct lethe_error err;
    struct lethe_trust *trust;
    struct lethe_carrier carrier;
    struct lethe_certificate_report report;
    size_t len, root_len;
    if (argc < 3)
        return 3;
    char *certificate = slurp(argv[1], &len), *root = slurp(argv[2], &root_len);
    if (lethe_trust_new(&trust, &err) < 0 || lethe_trust_add_pem(trust, root, root_len, &err) < 0) {
        fprintf(stderr, "%s\n", err.what);
        return 3;
    }
    struct lethe_verify_policy policy = {
        .trust = trust,
        .now = (uint64_t)time(NULL) * 1000,
        .device = argc > 3 ? argv[3] : NULL,
    };
    lethe_carrier_open(certificate, len, &carrier); /* what is refused is said in the report */
    lethe_carrier_verify(&carrier, NULL, &policy, &report);
    printf("%s\n", lethe_verdict_name(report.verdict));
    for (size_t i = 0; i < report.n_reasons; i++)
        printf("  %s: %s\n", report.reasons[i].code, report.reasons[i].text);
    int status = (int)report.verdict;
    lethe_certificate_report_clear(&report);
    lethe_carrier_clear(&carrier);
    lethe_trust_free(trust);
    free(root);
    free(certificate);
    return status;
}
