/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LETHE_CARRIER_LABEL_H
#define LETHE_CARRIER_LABEL_H

#include <lethe/certificate.h>

/* Does the label say what the certificate says that REPORT is of? "qr-mismatch" is added when not.
 */
void lethe_label_compare(const struct lethe_span *text, struct lethe_certificate_report *report);

#endif
