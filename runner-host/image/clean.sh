#!/bin/sh
# Last step of every image: removes what belongs to the building machine (its mirrors and apt settings) and what would differ between two builds;
# names Debian's public mirrors instead, and where a lab answers for them (session/rootfs/opt/berth/init).
set -eu
root=$1

# /tmp is left to mmdebstrap: it holds the configuration that keeps its apt inside the tree.
rm -rf "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/* "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/apt/apt.conf.d/99berth-build
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/cache/debconf/*-old "$root"/var/lib/dpkg/*-old
rm -rf "$root"/var/log/* "$root"/etc/machine-id
rm -f "$root"/etc/passwd- "$root"/etc/group- "$root"/etc/shadow- "$root"/etc/gshadow- "$root"/etc/subuid- "$root"/etc/subgid-
: > "$root/etc/resolv.conf"

no_network=http://198.51.100.1:1
cat > "$root/etc/apt/sources.list" <<'END'
deb http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian bookworm-updates main
deb http://deb.debian.org/debian-security bookworm-security main
END
# For these mirrors alone: an archive that a learner serves is reached as ever.
for host in deb.debian.org security.debian.org; do
  echo "Acquire::http::Proxy::$host \"$no_network\"; Acquire::https::Proxy::$host \"$no_network\";"
done > "$root/etc/apt/apt.conf.d/50lab-has-no-network"
# pip does not print why an index refuses, but does print its address.
cat > "$root/etc/pip.conf" <<END
[global]
index-url = $no_network/a-lab-has-no-network,use-what-is-here
trusted-host = 198.51.100.1
disable-pip-version-check = true
END
