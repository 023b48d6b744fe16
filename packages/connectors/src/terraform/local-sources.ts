/** Which directories a file calls as modules, from its text alone: every file is asked before any is parsed. */

const HCL = /^[ \t]*source[ \t]*=[ \t]*"(\.\.?\/[^"\n]{0,1000})"/gm
const JSON = /"source"\s*:\s*"(\.\.?\/[^"\n]{0,1000})"/g

/** The local sources in a file (Terraform documentation, "Local Paths"), as written. */
export function localSources(path: string, text: string): string[] {
  if (!text.includes('./')) return []
  const isJson = path.endsWith('.json')
  const found: string[] = []
  for (const match of text.matchAll(isJson ? JSON : HCL)) {
    const source = match[1] ?? ''
    if (!source.includes('${') && (isJson || !isInComment(text, match.index))) found.push(source)
  }
  return found
}

/** A block comment is counted only where it begins a line: within a line `/*` is more often the end of an ARN. */
function isInComment(text: string, at: number): boolean {
  const before = text.slice(0, at)
  const opened = before.lastIndexOf('/*')
  if (opened < 0 || before.indexOf('*/', opened + 2) >= 0) return false
  return before.slice(before.lastIndexOf('\n', opened) + 1, opened).trim() === ''
}
