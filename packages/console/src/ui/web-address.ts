/** The address when it is plain http(s), else null. Everything else (`javascript:`, `data:`, addresses with a password) is text. */
export function webAddress(text: string): string | null {
  if (!/^https?:\/\//i.test(text)) return null
  try {
    const url = new URL(text)
    const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
    return isWeb && url.username === '' && url.password === '' ? url.href : null
  } catch {
    return null
  }
}
