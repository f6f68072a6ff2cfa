#!/bin/sh
# Last step of every image: removes what belongs to the building machine (its mirrors and apt settings) and what would differ between two builds.
set -eu
root=$1

# /tmp is left to mmdebstrap: it holds the configuration that keeps its apt inside the tree.
rm -rf "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/* "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/apt/apt.conf.d/99berth-build
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/cache/debconf/*-old "$root"/var/lib/dpkg/*-old
rm -rf "$root"/var/log/* "$root"/etc/machine-id
rm -f "$root"/etc/passwd- "$root"/etc/group- "$root"/etc/shadow- "$root"/etc/gshadow- "$root"/etc/subuid- "$root"/etc/subgid-
: > "$root/etc/resolv.conf"
