/** The lines of a CODEOWNERS file, in GitHub's or GitLab's syntax. */
import type { CodeownersObserved } from '@onus/core/observation.ts'

export type CodeownersFile = {
  syntax: 'github' | 'gitlab'
  rules: CodeownersObserved['rules']
  problems: { line: number; reason: string }[]
}

type Section = { name: string; owners: string[] }
type Line = { number: number; text: string }

/** GitHub does not load a larger file, so nobody has to approve by it. */
const GITHUB_MAX_BYTES = 3 * 1024 * 1024
/** `[Name]`, `^[Optional]`, `[Name][2] @default-owner`: GitLab only; no GitHub pattern begins with a bracket. */
const SECTION = /^\^?\[([^\]]+)\](?:\[\d+\])?(?:\s+(.*))?$/

/** Reads all lines; a line that cannot be read is a problem and the others still count, as on both platforms. */
export function parseCodeowners(text: string, platform: 'github' | 'gitlab' | 'unknown'): CodeownersFile {
  const lines = text
    .split(/\r\n|\n|\r/)
    .map((line, i): Line => ({ number: i + 1, text: line.trim() }))
    .filter((line) => line.text !== '' && !line.text.startsWith('#'))
  const isGitlab = platform === 'gitlab' || (platform === 'unknown' && lines.some((line) => SECTION.test(line.text)))
  if (isGitlab) return parseGitlab(lines)
  if (platform === 'github' && text.length > GITHUB_MAX_BYTES) {
    return { syntax: 'github', rules: [], problems: [{ line: 1, reason: 'larger than 3 MB: GitHub does not load it' }] }
  }
  return parseGithub(lines)
}

function parseGithub(lines: readonly Line[]): CodeownersFile {
  const file: CodeownersFile = { syntax: 'github', rules: [], problems: [] }
  for (const { number, text } of lines) {
    const [pattern = '', ...owners] = tokensOf(text)
    // GitHub skips the whole line when any part of it is invalid.
    const reason = refusedPattern(pattern) ?? (owners.every(isOwner) ? null : NO_OWNER)
    if (reason === null) file.rules.push({ pattern, owners, line: number })
    else file.problems.push({ line: number, reason })
  }
  return file
}

function parseGitlab(lines: readonly Line[]): CodeownersFile {
  const file: CodeownersFile = { syntax: 'gitlab', rules: [], problems: [] }
  let section: Section | null = null
  /** Keeps what names someone. A role is real but names whoever holds it, which no file says. */
  const kept = (owners: readonly string[], line: number): string[] => {
    const others = owners.filter((owner) => !isOwner(owner))
    if (others.some(isRole)) file.problems.push({ line, reason: 'a role (`@@...`): who holds it is not in files' })
    if (!others.every(isRole)) file.problems.push({ line, reason: NO_OWNER })
    return owners.filter(isOwner)
  }
  for (const { number, text } of lines) {
    const header = SECTION.exec(text)
    if (header) {
      section = { name: (header[1] ?? '').trim(), owners: kept(tokensOf(header[2] ?? ''), number) }
      continue
    }
    const [pattern = '', ...owners] = tokensOf(text)
    if (HAS_RANGE.test(pattern)) {
      file.problems.push({ line: number, reason: 'a pattern with a range of characters' })
      continue
    }
    const own = kept(owners, number)
    const rule = { pattern, owners: owners.length > 0 ? own : (section?.owners ?? []), line: number }
    file.rules.push(section ? { ...rule, section: section.name } : rule)
  }
  return file
}

const NO_OWNER = 'an owner that is neither `@name`, `@org/team` nor an address'
const HAS_RANGE = /(?<!\\)\[/

/** What GitHub does not take over from gitignore; null when the pattern is fine. */
function refusedPattern(pattern: string): string | null {
  if (pattern.startsWith('!')) return 'a negated pattern, which GitHub does not support'
  if (HAS_RANGE.test(pattern)) return 'a range of characters, which GitHub does not support'
  return pattern.includes('***') ? 'three asterisks in a row' : null
}

/** Parts a line at white space; `\ ` is a space and `\#` a hash within a part, an unescaped `#` begins a comment. */
function tokensOf(text: string): string[] {
  const tokens: string[] = []
  for (const [token] of text.matchAll(/(?:\\.|[^\s\\]|\\$)+/g)) {
    if (token.startsWith('#')) break
    tokens.push(token.replace(/\\([ \t#])/g, '$1'))
  }
  return tokens
}

const HANDLE = /^@[\p{L}\p{N}][\p{L}\p{N}_.-]*(?:\/[\p{L}\p{N}_.-]+)*$/u

function isOwner(token: string): boolean {
  return HANDLE.test(token) || /^[^@\s]{1,64}@[^@\s]{1,255}$/.test(token)
}

function isRole(token: string): boolean {
  return token.startsWith('@@')
}
