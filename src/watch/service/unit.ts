/** What of a unit differs between hosts. */
export interface UnitOptions {
  /** The interpreter and its flags, the program, and its arguments, each as it is. */
  readonly command: readonly string[]
  /** Whether it sends mails: by a program that becomes another user, and writes into a queue. */
  readonly sendsMail: boolean
}

export const UNIT_NAME = 'peerway-watch.service'
/** By which its own unit is known; what has another first line was written by somebody else. */
export const UNIT_MARK = '# Written by `peerway service install`; `peerway service remove` takes it away.'

/**
 * What it may, of what root may: rules, settings and sockets of the network, echoes with a TTL, ports below 1024, whose
 * socket it is, and the files of a node that belong to another user.
 */
const CAPABILITIES = [
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_PTRACE',
  'CAP_DAC_READ_SEARCH',
  'CAP_DAC_OVERRIDE',
] as const
/** What a mail system's own program takes on. */
const MAIL_CAPABILITIES = ['CAP_SETUID', 'CAP_SETGID'] as const

/**
 * A unit of systemd that runs the watch as root, with little of what root may. The folders of this host's firewall tools, and its
 * sysctls, stay writable for the changes that a person has agreed to; homes can be read alone, so that a node's own settings are
 * changed by `peerway fix`. V8 compiles at run time, so memory stays executable.
 */
export function systemdUnit({ command, sendsMail }: UnitOptions): string {
  // What lies there would not be seen by a service with a /tmp of its own.
  const startsFromTmp = command.some((word) => /^\/(?:var\/)?tmp\//.test(word))
  const capabilities = [...CAPABILITIES, ...(sendsMail ? MAIL_CAPABILITIES : [])].join(' ')
  return `${UNIT_MARK}
[Unit]
Description=Keeps the way to this peer-to-peer node open (peerway watch)
Wants=network-online.target
After=network-online.target nftables.service netfilter-persistent.service ufw.service firewalld.service docker.service

[Service]
Type=exec
ExecStart=${command.map(quoted).join(' ')}
Restart=on-failure
RestartSec=10
# It gives its mappings back, and waits for routers that are slow.
TimeoutStopSec=120

StateDirectory=peerway
StateDirectoryMode=0700
UMask=0077
CapabilityBoundingSet=${capabilities}
NoNewPrivileges=${sendsMail ? 'no' : 'yes'}
ProtectSystem=strict
ReadWritePaths=/etc /run${sendsMail ? ' -/var/spool -/var/mail' : ''}
ProtectHome=read-only
PrivateTmp=${startsFromTmp ? 'no' : 'yes'}
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@clock @cpu-emulation @debug @module @mount @obsolete @raw-io @reboot @swap
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`
}

/** One word of a command line, in which systemd looks for specifiers and variables (systemd.service(5), systemd.unit(5)). */
function quoted(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('$', '$$$$').replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  return /^[A-Za-z0-9@%+=:,./_$-]+$/.test(escaped) ? escaped : `"${escaped}"`
}
