#!/bin/sh
# Starts OpenVPN servers of its own, one over UDP and one over TCP: openvpn.sh FOLDER. Ends when both listen.
set -e
cd "$1"
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=peerway-test 2>/dev/null
net=8
for proto in udp tcp-server; do
  openvpn --dev tun$net --server 10.$net.0.0 255.255.255.0 --proto $proto --port 1194 --dh none \
    --ca cert.pem --cert cert.pem --key key.pem --log $proto.log --daemon --writepid $proto.pid
  net=$((net + 1))
done
for _ in $(seq 100); do
  grep -q Completed udp.log && grep -q Completed tcp-server.log && exit 0
  sleep 0.1
done
cat *.log >&2
exit 1
