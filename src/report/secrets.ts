/** What is left of a secret. */
const HIDDEN = '***'

const KEY_NAMES = 'pass(?:word|wd|phrase)|secret|token|api[_-]?key|private[_-]?key|auth|mnemonic|seed'

const SECRETS: readonly (readonly [RegExp, string])[] = [
  // In a URL, who one is: `https://user:secret@host`. What stands there in an `enode://` is no secret.
  [/(\b(?:https?|wss?):\/\/)[^\s/@"'`]+@/gi, `$1${HIDDEN}@`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/@:"'`]*:)[^\s/@"'`]+@/gi, `$1${HIDDEN}@`],
  [/\b(bearer|basic)\s+[A-Za-z0-9+/._~-]{8,}=*/gi, `$1 ${HIDDEN}`],
  // `--rpc-token=abc`, `PASSWORD: abc`, `"apiKey":"abc"`.
  [new RegExp(`((?:${KEY_NAMES})["']?\\s*[=:]\\s*)(?:"[^"]*"|'[^']*'|[^\\s"',;&]+)`, 'gi'), `$1${HIDDEN}`],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, HIDDEN],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
]

/** Takes out of a text what nobody but its owner may know: passwords, tokens, private keys. Always, asked for or not. */
export function hideSecrets(text: string): string {
  return SECRETS.reduce((shown, [pattern, instead]) => shown.replace(pattern, instead), text)
}

/** The same value with every text in it so treated; keys of objects stay. */
export function withoutSecrets<T>(value: T): T {
  if (typeof value === 'string') return hideSecrets(value) as T
  if (Array.isArray(value)) return value.map((each) => withoutSecrets(each)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutSecrets(each)])) as T
}
