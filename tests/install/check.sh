#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install under DESTDIR; compile every public header alone, as C and as C++; build a program
# against each library by pkg-config and run it; run the installed programs.
#   check.sh CMAKE BUILD-DIR PREFIX CC [CFLAGS...]
set -eu
cmake=$1 build=$2 prefix=$3 cc=$4
shift 4
here=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

DESTDIR=$root "$cmake" --install "$build" >/dev/null
pc=$(find "$root$prefix" -name lethe.pc)
export PKG_CONFIG_PATH="${pc%/*}"

for header in "$root$prefix"/include/lethe/*.h; do
    for language in c c++; do
        # shellcheck disable=SC2046
        echo "#include <lethe/${header##*/}>" |
            "$cc" -x $language -Wall -Wextra -Werror -fsyntax-only $(pkg-config --cflags lethe) - ||
            { echo "$header does not compile alone as $language"; exit 1; }
    done
done

for library in lethe lethe-verify; do
    # shellcheck disable=SC2046
    "$cc" "$@" "$here/consumer.c" -o "$root/consumer" $(pkg-config --static --cflags --libs $library)
    said=$(LD_LIBRARY_PATH=${pc%/pkgconfig/*} "$root/consumer")
    [ "$said" = "passed 0" ] || { echo "the program with $library says \"$said\""; exit 1; }
done

for program in "$root$prefix"/bin/*; do
    [ ! -e "$program" ] || LD_LIBRARY_PATH=${pc%/pkgconfig/*} "$program" --version ||
        { echo "$program does not start"; exit 1; }
done

# What hears the network or draws stays out of processes that hold keys; those that hold a device need little.
lean() {
    needs=$(objdump -p "$root$prefix/bin/$1" | sed -n 's/^ *NEEDED *//p' | grep -E "^lib($2)" || true)
    [ -z "$needs" ] || { echo "$1 needs" $needs; exit 1; }
}
lean lethe 'curl|ssl|microhttpd|cairo|pango|fontconfig|usb|imobile|plist'
lean lethe-worker 'curl|ssl|microhttpd|cairo|pango|fontconfig|tss2|p11|sqlite|csv|z\.|usb|imobile|plist'
lean lethe-mux 'curl|ssl|microhttpd|cairo|pango|fontconfig|tss2|p11|sqlite|csv|z\.|usb|imobile|plist|udev|uring|cyaml'
