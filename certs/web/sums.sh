#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes SHA256SUMS of the page: what sha256sum -c compares a hosted copy with.
set -eu
cd "$(dirname "$0")"
find . -type f ! -name SHA256SUMS ! -path './vendor/*' | sed 's,^\./,,' | LC_ALL=C sort | xargs sha256sum > SHA256SUMS
