#!/bin/sh
# Starts a Transmission on a port of its own choice and a Syncthing: clients.sh FOLDER. Neither looks for anybody.
set -e
folder="$1"
export HOME="$folder"
transmission-daemon -g "$folder/transmission" --no-dht --no-portmap --peerport 51999 --foreground >"$folder/transmission.log" 2>&1 &
syncthing generate --home="$folder/syncthing" --no-default-folder >"$folder/generate.log" 2>&1
for option in globalAnnounceEnabled localAnnounceEnabled relaysEnabled natEnabled crashReportingEnabled; do
  sed -i "s#<$option>true#<$option>false#" "$folder/syncthing/config.xml"
done
syncthing serve --home="$folder/syncthing" --no-browser --no-upgrade --no-restart >"$folder/syncthing.log" 2>&1 &
for _ in $(seq 200); do
  # Both answer when the last of their ports is open.
  if ss -Htln | grep -q ':22000 ' && ss -Htuln | grep -q ':9091 ' && ss -Htln | grep -q ':8384 '; then exit 0; fi
  sleep 0.1
done
cat "$folder"/*.log >&2
exit 1
