#!/bin/sh
# Turns a fresh Debian tree into the session image's: learner account, Berth's files, and nothing that a learner cannot use.
# Arguments: the tree. Environment: BERTH_RECIPE (this folder), BERTH_NODE (a Node binary).
set -eu
root=$1

cp -R "$BERTH_RECIPE/rootfs/." "$root/"
chown -R 0:0 "$root/opt/berth" "$root/etc/docker" "$root/etc/sudoers.d" "$root/etc/skel"
chmod 0755 "$root/opt/berth" "$root/opt/berth/init" "$root/opt/berth/no-network"
chmod 0644 "$root/etc/docker/daemon.json" "$root/etc/skel/.bashrc" "$root/etc/skel/.profile"
chmod 0440 "$root/etc/sudoers.d/learner"
install -m 0755 "$BERTH_NODE" "$root/opt/berth/node"
mkdir -p "$root/opt/berth/agent" "$root/opt/berth/lab-images" "$root/workspace" "$root/run/berth"

chroot "$root" useradd --uid 1000 --user-group --groups docker --create-home --shell /bin/bash learner
chroot "$root" chown learner:learner /workspace
echo lab > "$root/etc/hostname"

# Debugging tools of Docker's authors; 70 MB that no command line here reaches.
rm -f "$root"/usr/bin/ctr "$root"/usr/bin/dnet "$root"/usr/sbin/ovrouter "$root"/usr/bin/containerd-shim "$root"/usr/bin/containerd-shim-runc-v1

# Reads every program's completions at the start of each login shell; the learner's .bashrc reads them when they are asked for.
rm -f "$root/etc/profile.d/bash_completion.sh"
