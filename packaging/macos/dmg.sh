#!/bin/sh
# Sign, pack and notarise dist/cpu/WBC Desktop.app. WRITTEN AND REVIEWED, NEVER RUN: no Mac was at hand.
#   IDENTITY="Developer ID Application: NAME (TEAM)" PROFILE=notary packaging/macos/dmg.sh 0.1.0
# PROFILE is what `xcrun notarytool store-credentials` was given. Without IDENTITY the image is made
# unsigned; macOS then opens the program only after a right click and Open.
set -eu
version=$1
cd "$(dirname "$0")/../../dist/cpu"
app="WBC Desktop.app"
image="wbc-desktop-$version-macos-$(uname -m).dmg"
if [ -n "${IDENTITY:-}" ]; then
    # From the inside out: first every library, then the program.
    find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' \) -print0 |
        xargs -0 codesign --force --timestamp --options runtime --sign "$IDENTITY"
    codesign --force --timestamp --options runtime --sign "$IDENTITY" \
        --entitlements ../../packaging/macos/entitlements.plist "$app/Contents/MacOS/wbc"
    codesign --force --timestamp --options runtime --sign "$IDENTITY" \
        --entitlements ../../packaging/macos/entitlements.plist "$app"
    codesign --verify --deep --strict "$app"
fi
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
hdiutil create -volname "WBC Desktop" -srcfolder "$stage" -format UDZO -ov "$image"
if [ -n "${IDENTITY:-}" ]; then
    codesign --sign "$IDENTITY" --timestamp "$image"
    xcrun notarytool submit "$image" --keychain-profile "${PROFILE:?}" --wait
    xcrun stapler staple "$image"
fi
