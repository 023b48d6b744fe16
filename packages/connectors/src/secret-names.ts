/** Which arguments may hold a secret, by name and by the shape of the value. Such values are never passed on. */

/** `db_password`, `clientSecret`, `github_token`, `private_key_pem`. */
const WORDS = ['secret', 'passw(?:or)?d', 'passphrase', 'token', '(?:private|api|access)_?key', 'credential']
const SECRET = new RegExp(`(?:${WORDS.join('|')})(?:s|_(?:value|string|pem|data|base64|json))?$`, 'i')

/**
 * True for a name that says its value is a secret. Dates and names of secrets (`token_rotated_date`, `secret_name`)
 * are not.
 */
export function isSecretName(name: string): boolean {
  return SECRET.test(name)
}

/** Issuers' own prefixes, PEM blocks, JSON Web Tokens, credentials in addresses, and long random-looking words. */
const SHAPES = [
  /-----BEGIN /,
  /(?:AKIA|ASIA)[A-Z0-9]{16}/,
  /(?:gh[oprsu]|github_pat|glpat|xox[abeprs]|sk_live|rk_live|npm|pypi|dop_v1|hvs)[-_][A-Za-z0-9_-]{16,}/,
  /eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
  /[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i,
  /AIza[A-Za-z0-9_-]{30,}/,
]

export function looksSecret(value: string): boolean {
  if (SHAPES.some((shape) => shape.test(value))) return true
  return /^[A-Za-z0-9+/=_-]{32,}$/.test(value) && /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value)
}
