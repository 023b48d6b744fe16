/**
 * Control characters, zero-width characters and direction overrides: they can make one name look like another.
 * U+200C and U+200D stay, because Persian words and emoji need them.
 */
// oxlint-disable-next-line no-control-regex -- these are exactly the characters to find
const DECEPTIVE = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g

/** The text with every deceptive character written out as its code point. */
export function legible(text: string): string {
  return text.replace(DECEPTIVE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
