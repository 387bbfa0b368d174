#!/bin/sh
# Runs a real systemd as the first process of namespaces of its own, upon an overlay of this machine's files: nothing that it
# changes is the machine's. $1: a folder of the caller's, for what systemd says; $2: a unit file to start.
set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
mount --rbind /sys sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount --rbind /dev dev
mount -t tmpfs tmpfs run
# Of what a machine does when it starts, nothing: no kernel settings, no modules, no mounts.
mount -t tmpfs tmpfs etc/systemd/system
for wants in sysinit.target.wants local-fs.target.wants basic.target.wants multi-user.target.wants timers.target.wants sockets.target.wants; do
  [ ! -d "lib/systemd/system/$wants" ] || mount -t tmpfs tmpfs "lib/systemd/system/$wants"
done
exec chroot . /usr/bin/env -i container=peerway PATH="$PATH" /lib/systemd/systemd --system --unit=multi-user.target \
  --log-target=console --log-level=notice --show-status=no
