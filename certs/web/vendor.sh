#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Usage: vendor.sh PAGE-DIR. Puts jsQR (Apache-2.0) beside the page, for browsers that cannot read QR codes by
# themselves. Not a part of Lethe, and the page works without it; the version and its hash are pinned here.
set -eu
version=1.4.0
integrity=dxLob7q65Xg2DvstYkRpkYtmKm2sPJ9oFhrhmudT1dZvNFFTlroai3AWSpLey/w5vMcLBXRgOJsbXpdN9HzU/A==
[ $# -eq 1 ] || { echo "usage: vendor.sh PAGE-DIR" >&2; exit 2; }
page=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "jsqr@$version" > /dev/null
[ "$(openssl dgst -sha512 -binary "jsqr-$version.tgz" | base64 -w0)" = "$integrity" ] || {
    echo "vendor.sh: what the registry gave is not jsqr $version as it was looked at; nothing was installed" >&2
    exit 1
}
tar -xzf "jsqr-$version.tgz" package/dist/jsQR.js package/LICENSE
mkdir -p "$page/vendor"
cp package/dist/jsQR.js "$page/vendor/jsQR.js"
cp package/LICENSE "$page/vendor/jsQR.LICENSE"
