/** What `peerway COMMAND --help` says, in English; `peerway --help` is `main`. No line is wider than 80. */
export const enHelp = {
  check: `Can strangers reach this machine's ports, and if not, where are they stopped?

Usage: peerway [check] [OPTION ...]

  --port PORT        a port that strangers shall reach: udp/4001, tcp/4001, or
                     4001 for both; may be repeated
  --node KIND        the kind of node that runs here; its usual ports are
                     checked where no --port is given. A kind of your own is a
                     file, KIND.yaml: see docs/own-nodes.md
  --announce MADDR   what a libp2p node tells its peers to dial, such as
                     /ip4/203.0.113.7/tcp/4001; may be repeated
  --vantage SERVER   somebody outside who dials this machine: HOST, HOST:PORT or
                     [IPV6]:PORT (port 3478 without one); may be repeated.
                     Without any, nothing can be proven
  --deep             take minutes: also count the boxes that remember UDP flows,
                     and try the protocols of other nodes
  --redact           with addresses and names replaced, fit to be posted in a
                     forum
  --json             the report as JSON (schema peerway.report/1)
  --html FILE        also as a page in one file, with the path as a picture, to
                     send to somebody who helps
  --lang en|fr       the language of the report

Exit status: 0 reachable, 1 not all of it, 3 unknown, 2 wrong usage or an error.
As root it sees more: which process listens, and what the host's firewall drops.
Settings also come from PEERWAY_PORT, PEERWAY_NODE, PEERWAY_VANTAGE,
PEERWAY_LANG, and from ~/.config/peerway/config.yaml or
/etc/peerway/config.yaml.
`,

  fix: `Checks, and then makes the smallest change that lets strangers in.

Usage: peerway fix [OPTION ...]

  the options of "peerway check" but --html, and:
  --dry-run          say what would be changed, and change nothing
  --yes              do not ask; UPnP is used too, where nothing better is there
  --only REMEDY      use this remedy and no other; may be repeated ("peerway
                     explain" lists them)

What is changed is shown first, written down before it is made, and proven by a
dial from outside. What did not help is taken back at once; the rest whenever
you like, by "peerway undo --all".

Exit status: as of check, by what was measured after the change; 1 also while
something that it was to clear is still there.
`,

  undo: `Takes back what "peerway fix" changed, exactly, and nothing else.

Usage: peerway undo --all
       peerway undo CHANGE ...

  --all          every change that is not taken back yet
  CHANGE         the id of one, as fix and the list below name it; without any
                 and without --all the changes are listed and nothing is done
  --lang en|fr   the language of what is said

Exit status: 0 all is as it was, 1 something is left (it says what), 2 an error.
Needs no vantage.
`,

  history: `Prints what peerway watch has noticed and done: when strangers got in and when
not, what was opened, renewed and lost, and why.

Usage: peerway history [OPTION ...]

  --since TIME           from then on: 7d, 12h or 90m ago, or a moment such as
                         2026-11-21T10:00:00Z (a week ago)
  --until TIME           up to then (now)
  --limit N              the newest so many (10000)
  --json                 one JSON document, as /api/history of the watch has it
  --export jsonl|csv     for programs: a line for each event, of all times
  --measured             with --export: what was measured instead, such as round
                         trips and peers; older measurements are taken together
                         by the hour and the day
  --lang en|fr           the language of what is said

Times are in UTC. It reads the file history.db in the state folder, which any
program that knows SQLite may read as well, also while the watch runs.

Exit status: 0, or 2 for an error.
`,

  service: `Has systemd run peerway watch, now and after every start of this host, as root
but with little of what root may.

Usage: peerway service install [OPTION of watch ...] [--dry-run]
       peerway service remove

  --dry-run      print the unit, and change nothing
  --lang en|fr   the language of what is said

The options of "peerway watch" go into the unit; what is in the settings file
/etc/peerway/config.yaml need not, and secrets belong there. To change them
install it again. For containers see deploy/ in the package.

Exit status: 0, or 2 for an error.
`,

  watch: `Keeps the way open: renews what routers were asked for, measures again when
something changes, and shows how things stand on a page. Runs until stopped.

Usage: peerway watch [OPTION ...]

  the options of "peerway check" but --json and --html, and:
  --listen ADDRESS:PORT   where the page and /metrics are (127.0.0.1:9788);
                          off loopback nothing is shown without the token
  --alert-webhook URL     where an alert is posted to as JSON when reachability
                          is lost or back (docs/watch.md)
  --alert-command PROGRAM what is run then, with the alert on its input
  --alert-email ADDRESS   who gets a mail then, by this host's sendmail

It asks routers to open the ports by itself, for two hours at a time, and gives
them back when it ends. Other changes wait for "peerway fix", or for the button
on the page, which wants the token in the file watch-token of the state folder.

Exit status: 0 when it was stopped, 2 for an error.
`,

  vantage: `Helps others from here: tells nodes how they look from outside, and dials them
as a stranger would. Also a STUN server (RFC 8489, RFC 5780). Runs until
stopped.

Usage: peerway vantage [OPTION ...]

  --address PUBLIC[=BIND]   an address to serve on; BIND is what this machine
                            has where PUBLIC is translated one to one; may be
                            repeated. Without it, all global addresses
  --alternate-address PUBLIC[=BIND]
                            the second address of RFC 5780; dials come from
                            there
  --port PORT               the UDP and TCP port (3478)
  --token TOKEN             a secret shared with other vantages, which then dial
                            for each other's askers; better given as
                            PEERWAY_TOKEN, as other users of this machine see
                            command lines

It dials nobody but who asked, and keeps nothing about anyone.
`,

  sim: `Simulates the small internet that a topology file describes, and runs a check
inside.

Usage: peerway sim [TOPOLOGY.yaml] [--trace] [--seed N] [--pcap FILE]
                   [-- check ...]

  TOPOLOGY.yaml  docs/topologies.md; without it a home network behind one router
  --trace        tell on standard error what every packet meets at every stage
  --seed N       the seed of all randomness, 1 without it: the same seed, the
                 same packets at the same moments
  --pcap FILE    write every packet on every network to a file for Wireshark
  -- check ...   the check to run, with the options of "peerway check"; without
                 it the one that the file itself names

Needs no root, no network and no Linux. Waiting takes no time.
`,

  lab: `Usage: peerway lab up   TOPOLOGY.yaml
       peerway lab down TOPOLOGY.yaml
       peerway lab list [TOPOLOGY.yaml]
       peerway lab run  TOPOLOGY.yaml HOST -- COMMAND [ARGUMENT ...]

Builds the small internet that TOPOLOGY.yaml describes out of network namespaces
of this machine (docs/topologies.md). "run" runs a command inside one of its
hosts and ends with its exit status; it brings the lab up first, and takes it
down afterwards, if it is not up already. Needs Linux and root. Nothing leaves
the machine.
`,

  explain: `What a word of the report means, and what the last check found of it here.

Usage: peerway explain [--lang en|fr] [OBSTACLE|WARNING|REMEDY|CAVEAT|TERM]

Without a word, all that there are.
`,

  letter: `Checks, and writes to your provider what only your provider can change.

Usage: peerway letter [OPTION ...]

  the options of "peerway check", but --json and --html

The letter goes to standard output, ready to be mailed, with what was measured
and a request for exactly what is needed: a public address, no filter on these
ports, or bridge mode. Add your name and customer number. Where nothing is for
the provider to change, it says so on standard error and writes no letter.

Exit status: 0 a letter, 1 nothing to ask of the provider, 3 not known, 2 wrong
usage or an error.
`,

  main: `peerway finds the one place where strangers are stopped on their way to your
peer-to-peer node, and proves it.

Usage: peerway [check] [--port PORT ...] [--node KIND] [--vantage SERVER ...]
       peerway fix     [OPTION OF check ...] [--dry-run] [--yes] [--only REMEDY]
       peerway undo    --all|CHANGE ...
       peerway letter  [OPTION OF check ...]
       peerway watch   [OPTION of check ...] [--listen ADDRESS:PORT]
       peerway service install|remove [OPTION of watch ...]
       peerway history [--since TIME] [--json] [--export jsonl|csv]
       peerway vantage [--address ADDRESS ...]
       peerway lab     up|down|list TOPOLOGY.yaml
       peerway lab     run TOPOLOGY.yaml HOST -- COMMAND
       peerway sim     [TOPOLOGY.yaml] [OPTION ...] [-- check ...]
       peerway explain OBSTACLE|REMEDY|TERM

  check      can strangers reach this machine's ports, and if not, where are
             they stopped? What is run without a command
  fix        check, and make the smallest change that lets strangers in
  undo       take back what fix changed
  letter     check, and write to the provider what only it can change
  watch      keep the way open, for weeks, and show how things stand on a page
  service    have systemd run the watch
  history    what the watch has noticed and done, and when
  vantage    help others from here: tell nodes how they look from outside, and
             dial them as a stranger would
  lab        build a small internet out of network namespaces, and run any
             command inside it
  sim        the same internet simulated, without root and network: alone, a
             home with a router in it, and the whole diagnosis within a second
  explain    what a word of the report means

  --version  print the version
  --help     this text; after a command, its options
`,
} as const satisfies Record<string, string>

export type HelpTopic = keyof typeof enHelp
