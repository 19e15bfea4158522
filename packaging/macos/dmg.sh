#!/bin/sh
# Pack and notarise dist/cpu/WBC Desktop.app. WRITTEN AND REVIEWED, NEVER RUN: no Mac was at hand.
#   export IDENTITY="Developer ID Application: NAME (TEAM)" PROFILE=notary
#   uv run --group packaging python packaging/build.py
#   packaging/macos/dmg.sh 0.1.0
# The build signs every library and the program with IDENTITY, from the inside out and for the hardened
# runtime. PROFILE is what `xcrun notarytool store-credentials` was given. Without IDENTITY the build
# signs ad hoc, as Apple's processors ask for, and the image is not notarised; macOS then opens the
# program only after System Settings > Privacy & Security > Open Anyway.
set -eu
version=$1
cd "$(dirname "$0")/../../dist/cpu"
app="WBC Desktop.app"
image="wbc-desktop-$version-macos-$(uname -m).dmg"
codesign --verify --deep --strict "$app"
if [ -n "${IDENTITY:-}" ]; then
    # What was built without IDENTITY in the environment is signed ad hoc, and Apple would refuse it.
    codesign --display --verbose=2 "$app" 2>&1 | grep -qF "Authority=$IDENTITY"
fi
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
ditto "$app" "$stage/$app"  # keeps the links inside
ln -s /Applications "$stage/Applications"
hdiutil create -volname "WBC Desktop" -srcfolder "$stage" -format UDZO -ov "$image"
if [ -n "${IDENTITY:-}" ]; then
    codesign --sign "$IDENTITY" --timestamp "$image"
    xcrun notarytool submit "$image" --keychain-profile "${PROFILE:?}" --wait
    xcrun stapler staple "$image"
    spctl --assess --type open --context context:primary-signature "$image"
fi
