/** The text without accents, which people leave out of names, keys and paths as often as not. */
export function withoutAccents(text: string): string {
  return isAscii(text)
    ? text
    : text
        .normalize('NFKD')
        .replace(/\p{M}+/gu, '')
        .normalize('NFKC')
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text)
}
