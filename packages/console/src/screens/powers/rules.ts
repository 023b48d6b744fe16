/** The Cedar text that decides who may do what, cut into its rules, each with what it says about itself. */
export type PowerRule = { id: string; who: string; effect: 'permit' | 'forbid'; text: string }

/** Rules in the order of the text. Each begins with its annotations; comments before them belong to none. */
export function rulesOf(policies: string): PowerRule[] {
  return policies
    .split(/^(?=@id\()/m)
    .filter((part) => part.startsWith('@id('))
    .map((part) => ({
      id: annotation(part, 'id'),
      who: annotation(part, 'who'),
      effect: /^forbid\b/m.test(part) ? ('forbid' as const) : ('permit' as const),
      text: part.trim(),
    }))
}

function annotation(text: string, name: string): string {
  const found = new RegExp(`^@${name}\\(("(?:[^"\\\\]|\\\\.)*")\\)`, 'm').exec(text)
  return found ? String(JSON.parse(found[1] as string)) : ''
}
