#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The verifier alone, in a clean directory: what it needs, how large it is, and whether somebody else's
# C and Python get the verdicts of lethe-verify from what is installed.
#   verify_only.sh CMAKE SOURCE CC
set -eu
cmake=$1 source=$2 cc=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$cmake" -S "$source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER="$cc" \
    -DLETHE_VERIFY_ONLY=ON -DLETHE_TESTS=OFF >"$work/log" || { cat "$work/log"; exit 1; }
"$cmake" --build "$work/build" -j 2 >"$work/log" || { cat "$work/log"; exit 1; }
DESTDIR=$work/root "$cmake" --install "$work/build" --prefix /usr >/dev/null
lib=$(dirname "$(find "$work/root" -name liblethe-verify.so)")
[ -e "$lib/liblethe-verify.a" ] || { echo "no static library"; exit 1; }
export PKG_CONFIG_PATH="$lib/pkgconfig" LD_LIBRARY_PATH="$lib"

for file in "$work/root/usr/bin/lethe-verify" "$lib"/liblethe-verify.so.*.*.*; do
    needs=$(objdump -p "$file" | sed -n 's/^ *NEEDED *//p' | grep -vE '^lib(c|m|crypto|jansson|z)\.so|^ld-linux' || true)
    [ -z "$needs" ] || { echo "$file needs $needs"; exit 1; }
    strip -o "$work/stripped" "$file"
    echo "$(basename "$file"): $(stat -c %s "$work/stripped") bytes, stripped"
done
# Nothing of the inside is seen from outside, and nothing is kept between calls.
foreign=$(nm -D --defined-only "$lib/liblethe-verify.so" | awk '$2 != "A" && $3 !~ /^lethe_/')
[ -z "$foreign" ] || { echo "also exported: $foreign"; exit 1; }
state=$(nm "$lib/liblethe-verify.a" 2>/dev/null | awk '$2 ~ /^[DBC]$/ && $3 ~ /lethe_/')
[ -z "$state" ] || { echo "global variables: $state"; exit 1; }

# shellcheck disable=SC2046
"$cc" -Wall -Werror "$source/examples/c/verify.c" -o "$work/verify" $(pkg-config --cflags --libs lethe-verify)
examples=$source/certs/examples root=$source/certs/test-keys/root.pem
for file in valid/full.sdjwt valid/imei.sdjwt invalid/alg-none.sdjwt invalid/byte-flipped.sdjwt \
    undetermined/virtual.sdjwt undetermined/record-failed.sdjwt; do
    said=0 c=0 python=0
    "$work/root/usr/bin/lethe-verify" "$examples/$file" --trust "$root" >/dev/null || said=$?
    "$work/verify" "$examples/$file" "$root" >/dev/null || c=$?
    LETHE_VERIFY=$lib/liblethe-verify.so.0 python3 "$source/examples/python/with_library.py" "$examples/$file" "$root" \
        >/dev/null || python=$?
    [ "$said $said" = "$c $python" ] || { echo "$file: $said, C says $c, Python says $python"; exit 1; }
done
