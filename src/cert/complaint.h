/* SPDX-License-Identifier: Apache-2.0 */
/* Why a certificate is not what it should be: a stable code for programs, a sentence for people. */
#ifndef LETHE_CERT_COMPLAINT_H
#define LETHE_CERT_COMPLAINT_H

struct lethe_complaint {
    char code[32];
    char text[192];
};

/* Fills OUT and returns -LETHE_E_INVALID. What comes from the certificate is made fit to print. */
int lethe_complain(struct lethe_complaint *out, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
