// The Debian packages that a machine needs to build the images and run session containers; no imports, so that anything may read it before the npm packages are there.

/** Package name -> a file that is there when it is installed. */
export const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  "docker.io": "/usr/sbin/dockerd",
  mmdebstrap: "/usr/bin/mmdebstrap",
  "erofs-utils": "/usr/bin/mkfs.erofs",
  "golang-github-containers-common": "/usr/share/containers/seccomp.json",
  e2fsprogs: "/usr/sbin/mkfs.ext4",
  passwd: "/usr/sbin/usermod",
};
