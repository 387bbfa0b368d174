#!/bin/sh
# Runs a command of peerway at a terminal of 80 columns and answers "o" to every question: record.sh FOLDER COMMAND. Prints what
# stood on the terminal.
folder=$1 command=$2
mkfifo "$folder/keys"
: >"$folder/screen"
NO_COLOR=1 TERM=dumb script -qfec "stty -echo cols 80; $command" "$folder/screen" <"$folder/keys" >/dev/null &
terminal=$!
exec 3>"$folder/keys"
answered=0
while kill -0 $terminal 2>/dev/null; do
  if [ "$(grep -c '(o/N)' "$folder/screen" 2>/dev/null)" -gt $answered ]; then
    answered=$((answered + 1))
    echo o >&3
  fi
  sleep 0.1
done
exec 3>&-
# The first and the last line are those of script itself.
sed -e '1d' -e '$d' "$folder/screen" | tr -d '\r'
