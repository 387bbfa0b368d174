#!/bin/sh
# Starts a Kubo node of its own: kubo.sh FOLDER, with `ipfs` in PATH. It speaks to nobody but who speaks to it, and its
# own port mapping is off, as in the profile "server". Ends when the daemon answers.
set -e
export IPFS_PATH="$1" IPFS_TELEMETRY=off
if [ ! -e "$IPFS_PATH/config" ]; then
  ipfs init --empty-repo --profile=test >"$IPFS_PATH.init" 2>&1
  ipfs bootstrap rm --all >/dev/null
  ipfs config --json Addresses.Swarm '["/ip4/0.0.0.0/tcp/4001","/ip4/0.0.0.0/udp/4001/quic-v1"]'
  ipfs config Addresses.API /ip4/127.0.0.1/tcp/5001
  ipfs config Addresses.Gateway /ip4/127.0.0.1/tcp/8080
  ipfs config --json Discovery.MDNS.Enabled false
  ipfs config --json Swarm.DisableNatPortMap true
  ipfs config --json AutoTLS.Enabled false
  ipfs config --json AutoConf.Enabled false
fi
setsid ipfs daemon >"$IPFS_PATH/log" 2>&1 &
echo $! >"$IPFS_PATH/pid"
for _ in $(seq 300); do
  # Asking it would take the lock that it needs.
  grep -q 'Daemon is ready' "$IPFS_PATH/log" && exit 0
  sleep 0.1
done
cat "$IPFS_PATH/log" >&2
exit 1
