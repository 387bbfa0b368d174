/** What `peerway watch`, and its history say, in English. */
export const watchEn = {
  'watch.started': 'The watch has begun.',
  'watch.stopped': 'The watch has ended.',
  'watch.clock-jumped':
    "This host's clock has jumped by {seconds} {seconds#second|seconds}: it slept, or the clock was set. Everything is measured again.",
  'watch.address-changed': 'The addresses of this host have changed[: it sends from {address} now].',
  'watch.outside-address-changed': 'The address outside has changed[ from {from}][ to {external}].',
  'watch.router-forgot':
    'The router[ {address}] has forgotten what it was asked for; it was probably restarted. It is asked again.',
  'watch.flow-lifetime':
    'A UDP conversation without packets lives {seconds} {seconds#second|seconds} on the way. A packet every {every} {every#second|seconds} keeps it, from a node as from the watch.',
  'watch.flow-forgotten':
    'A conversation that was kept alive is another one outside: something on the way, probably the router, was restarted. Everything is measured again.',
  'watch.router-silent': 'The router[ {address}] does not answer any more when it is asked about open ports.',
  'watch.router-back': 'The router[ {address}] answers again.',
  'watch.mapping-made':
    'The router[ {address}] now sends {transport} from[ {external}|the address outside] to {internal}, as it was asked to.',
  'watch.mapping-moved':
    'The router[ {address}] now takes {transport} for {internal} at {external}[; before it was {from}]. Peers have to dial the new one.',
  'watch.mapping-restored': 'The router[ {address}] has opened {transport} for {internal} again, at {external}.',
  'watch.mapping-refused':
    'The router[ {address}] refuses to keep {transport} open for {internal} at {external}[: {why}].',
  'watch.mapping-ended': 'The router[ {address}] no longer keeps {transport} open for {internal} at {external}.',
  'watch.mapping-released':
    'The router[ {address}] was told that {transport} for {internal} at {external} is no longer needed, as nobody renews it from now on.',
  'watch.mapping-dropped':
    'Somebody has taken back the change {change}. The router is not asked again until you say so.',
  'watch.rule-gone':
    'The change {change} of this host is not there any more: somebody has taken it out, or the rules were loaded anew.',
  'watch.rule-restored': 'The change {change} of this host was lost at a restart, and was made again.',
  'watch.node-gone': 'Nobody listens on {endpoints} any more: the node has stopped.',
  'watch.node-back': 'Somebody listens on {endpoints} again.',
  'watch.node-restarted': 'The node on {endpoints} was restarted.',
  'watch.reachable': 'Strangers get in to {endpoints}.',
  'watch.unreachable': 'Strangers do not get in to {endpoints}.',
  'watch.lost': 'Strangers do not get in to {endpoints} any more.',
  'watch.back': 'Strangers get in to {endpoints} again.',
  'watch.vantage-silent': 'Nobody outside answers: whether strangers get in is not known at the moment.',
  'watch.vantage-back': 'Somebody outside answers again.',
  'watch.change-made': 'Changed (undo {change})[: {what}].',
  'watch.change-useless': '[{what}: {how}|The change {change} did not help.]',
  'watch.change-undone': '[{what}: {how}|The change {change} was taken back.]',
  'watch.alert-sent': 'An alert was sent ({channel}).',
  'watch.alert-failed': 'An alert could not be sent ({channel})[: {why}].',
  'watch.trouble': 'Something could not be done: {why}',
  'service.installed':
    'The watch runs as a service, now and after every start of this host ({path}). `systemctl status {unit}` and `peerway history` tell how it is.',
  'service.removed':
    'The service is gone ({path}), and has given back the mappings that it made. Its history and the journal stay.',
  'service.not-there': 'There is no service to remove: {path} is not there.',
  'service.not-roots':
    'peerway: note: root runs {path} from now on, and others than root may change it. Better install peerway for all users.',
  'alert.lost': 'Strangers do not get in to {endpoints} of {host} any more.',
  'alert.back': 'Strangers get in to {endpoints} of {host} again.',
  'alert.look': 'What to do stands on the page of the watch, and in the report of peerway check.',
  'watch.page': 'peerway watches; its page: {url}',
  'watch.token': 'The page asks for a token before it changes anything: it is in {path}.',
  'watch.no-history': 'The history ends with this program, as its database cannot be opened: {why}',
  'watch.old-history': 'The database of the history was damaged. It is kept as {path}, and a new one begun.',
  'watch.nothing-happened': 'Nothing has happened in that time.',
  'watch.not-measured': 'Nothing has been measured yet.',
  'watch.api-wrong-host': 'This server is not known by that name.',
  'watch.api-cross-site': 'Another site may not ask this.',
  'watch.api-token-wanted': 'That needs the token of this watch.',
  'watch.api-no-such-method': 'That cannot be done here.',
  'watch.api-not-found': 'There is nothing at that address.',
  'watch.api-too-many-streams': 'Too many pages are open.',
} as const satisfies Record<string, string>
