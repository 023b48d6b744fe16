/**
 * JSON with one spelling: RFC 8785 (JCS) for values without fractions. Keys are sorted by UTF-16 code units, there is
 * no white space, and strings are escaped as ECMAScript escapes them, which is what the RFC prescribes (§3.2.2.2).
 */

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject
export type JsonObject = { readonly [key: string]: JsonValue | undefined }

/**
 * The canonical text of `value`. Members that are `undefined` are left out, as by `JSON.stringify`. A lone surrogate,
 * which has no UTF-8, becomes U+FFFD. Throws `RangeError` for a number that is not a safe integer: fractions are
 * spelled differently by different languages, and a larger integer is read differently by them.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed())
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError('canonical JSON here holds no number but safe integers')
    return JSON.stringify(value)
  }
  if (typeof value === 'boolean' || value === null) return String(value)
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members: string[] = []
  // The default order of sort() is by UTF-16 code units.
  for (const key of Object.keys(value).sort()) {
    const member = value[key]
    if (member !== undefined) members.push(`${JSON.stringify(key.toWellFormed())}:${canonicalJson(member)}`)
  }
  return `{${members.join(',')}}`
}

/** `Array.isArray` does not narrow read-only arrays. */
function isArray(value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] {
  return Array.isArray(value)
}
