/**
 * Who owns a path by CODEOWNERS. The last matching rule wins; in GitLab's syntax that holds for each section, and the
 * sections add up. Patterns are matched segment by segment without regular expressions, so that no pattern, however
 * hostile, takes more than the product of the two lengths.
 */
import type { CodeownersObserved } from './observation.ts'
import { ANY, matchesWildcards, ONE } from './wildcard.ts'

type Rule = CodeownersObserved['rules'][number]
export type OwnersOfPath = {
  owners: string[]
  /** The deciding rule; with several sections, the first of them. */
  line: number
  pattern: string
}

/** `path` is relative to the scanned root, as `codeowners.root` is. null: no rule covers it, or one un-owns it. */
export function ownersOf(codeowners: CodeownersObserved, path: string): OwnersOfPath | null {
  const { root } = codeowners
  if (root !== '' && !path.startsWith(`${root}/`)) return null
  const segments = (root === '' ? path : path.slice(root.length + 1)).split('/')
  const found = compiled(codeowners).flatMap((section) => lastMatch(section, segments) ?? [])
  const owned = found.filter((rule) => rule.owners.length > 0).sort((a, b) => a.line - b.line)
  const [first] = owned
  if (!first) return null
  return { owners: [...new Set(owned.flatMap((rule) => rule.owners))], line: first.line, pattern: first.pattern }
}

/** True when the rule covers every file, so that it says who approves rather than who made the thing. */
export function isCatchAll(rule: Pick<Rule, 'pattern'>): boolean {
  return CATCH_ALL.has(rule.pattern)
}

const CATCH_ALL = new Set(['*', '**', '/**', '**/*', '/**/*', '**/', '/**/'])

/** One piece of a pattern between slashes. */
type Piece = { kind: 'any-depth' } | { kind: 'literal'; text: string } | { kind: 'glob'; glob: Glob }
/** `prefix` and `suffix` are plain text around the first and last `*`; `middle` is what must be tried between them. */
type Glob = { prefix: string; suffix: string; middle: string | null }

type Pattern = { pieces: Piece[]; coversBelow: boolean }
type CompiledRule = { rule: Rule; index: number; pattern: Pattern; isExclusion: boolean }
/** Rules by their leading plain segments, so that a path meets only those that can match. */
type Branch = { below: Map<string, Branch>; rules: CompiledRule[] }
type Section = { anchored: Branch; anywhere: Map<string, CompiledRule[]> }

const cache = new WeakMap<CodeownersObserved, Section[]>()

function compiled(codeowners: CodeownersObserved): Section[] {
  const known = cache.get(codeowners)
  if (known) return known
  const isGitlab = codeowners.syntax === 'gitlab'
  const sections = new Map<string, Section>()
  for (let index = codeowners.rules.length - 1; index >= 0; index--) {
    const rule = codeowners.rules[index]
    if (!rule) continue
    const isExclusion = isGitlab && rule.pattern.startsWith('!')
    const pattern = compile(isExclusion ? rule.pattern.slice(1) : rule.pattern, isGitlab)
    if (!pattern) continue
    const name = (rule.section ?? '').toLowerCase()
    const section = sections.get(name) ?? { anchored: { below: new Map(), rules: [] }, anywhere: new Map() }
    sections.set(name, section)
    place(section, { rule, index, pattern, isExclusion })
  }
  const list = [...sections.values()]
  cache.set(codeowners, list)
  return list
}

function place(section: Section, rule: CompiledRule): void {
  const [first, second] = rule.pattern.pieces
  if (first?.kind === 'any-depth' && second?.kind === 'literal') {
    const list = section.anywhere.get(second.text)
    if (list) list.push(rule)
    else section.anywhere.set(second.text, [rule])
    return
  }
  let branch = section.anchored
  for (const piece of rule.pattern.pieces) {
    if (piece.kind !== 'literal') break
    const below = branch.below.get(piece.text) ?? { below: new Map(), rules: [] }
    branch.below.set(piece.text, below)
    branch = below
  }
  branch.rules.push(rule)
}

/** The lists of rules that can match the path, with how many segments of it they have matched already. */
function candidates(section: Section, path: readonly string[]): { rules: readonly CompiledRule[]; depth: number }[] {
  const lists: { rules: readonly CompiledRule[]; depth: number }[] = [{ rules: section.anchored.rules, depth: 0 }]
  let branch: Branch | undefined = section.anchored
  for (let depth = 0; depth < path.length; depth++) {
    const segment = path[depth] ?? ''
    branch = branch?.below.get(segment)
    if (branch && branch.rules.length > 0) lists.push({ rules: branch.rules, depth: depth + 1 })
    const anywhere = section.anywhere.get(segment)
    if (anywhere) lists.push({ rules: anywhere, depth: 0 })
  }
  return lists
}

function lastMatch(section: Section, path: readonly string[]): Rule | null {
  let best: CompiledRule | null = null
  for (const { rules, depth } of candidates(section, path)) {
    for (const rule of rules) {
      // GitLab: what `!pattern` excludes from a section stays excluded, wherever the line stands.
      if (rule.isExclusion) {
        if (matches(rule.pattern, path, depth)) return null
      } else if ((best === null || rule.index > best.index) && matches(rule.pattern, path, depth)) best = rule
    }
  }
  return best === null ? null : best.rule
}

/** null for a pattern that matches nothing. */
function compile(text: string, isGitlab: boolean): Pattern | null {
  const isAnchored = text.startsWith('/')
  const parts = text.replace(/^\//, '').split('/')
  const isDirectory = parts.length > 1 && parts.at(-1) === ''
  if (isDirectory) parts.pop()
  if (parts.every((part) => part === '')) return null
  // GitHub follows gitignore: a slash in the middle anchors a pattern. GitLab anchors by a leading slash only.
  const isAnywhere = !isAnchored && (isGitlab || parts.length === 1)
  if (isAnywhere && parts[0] !== '**') parts.unshift('**')
  const isOpen = parts.at(-1) === '**'
  // GitLab's `**` without a slash behind it is a plain `*`; elsewhere it needs at least one segment.
  if (isDirectory || (isOpen && !isGitlab)) parts.push(...(isOpen ? ['*'] : ['**', '*']))
  else if (isOpen && parts.length > 1) parts[parts.length - 1] = '*'
  const pieces = parts.map(pieceOf)
  return { pieces, coversBelow: !isGitlab && parts.at(-1) !== '*' }
}

function pieceOf(part: string): Piece {
  if (part === '**') return { kind: 'any-depth' }
  const tokens: string[] = []
  for (let i = 0; i < part.length; i++) {
    const character = part[i] ?? ''
    if (character === '\\' && i + 1 < part.length) tokens.push(part[++i] ?? '')
    else if (character === '?') tokens.push(ONE)
    else if (character !== '*') tokens.push(character)
    else if (tokens.at(-1) !== ANY) tokens.push(ANY)
  }
  const isWild = (token: string): boolean => token === ANY || token === ONE
  const first = tokens.findIndex(isWild)
  if (first < 0) return { kind: 'literal', text: tokens.join('') }
  const last = tokens.findLastIndex(isWild)
  const isOneStar = first === last && tokens[first] === ANY
  return {
    kind: 'glob',
    glob: {
      prefix: tokens.slice(0, first).join(''),
      suffix: tokens.slice(last + 1).join(''),
      middle: isOneStar ? null : tokens.slice(first, last + 1).join(''),
    },
  }
}

/**
 * Greedy with one point of return, the last `**`: enough, because what an earlier one could skip, the later one can.
 * The first `depth` pieces and segments have been compared already.
 */
function matches({ pieces, coversBelow }: Pattern, path: readonly string[], depth: number): boolean {
  let at = depth
  let piece = depth
  let backPiece = -1
  let backAt = 0
  for (;;) {
    const current = pieces[piece]
    const isEnd = at === path.length
    if (current === undefined && (isEnd || coversBelow)) return true
    if (current?.kind === 'any-depth') {
      backPiece = piece
      backAt = at
      piece += 1
    } else if (current !== undefined && !isEnd && matchesSegment(current, path[at] ?? '')) {
      at += 1
      piece += 1
    } else {
      if (backPiece < 0 || backAt >= path.length) return false
      backAt += 1
      at = backAt
      piece = backPiece + 1
    }
  }
}

function matchesSegment(piece: Exclude<Piece, { kind: 'any-depth' }>, segment: string): boolean {
  if (piece.kind === 'literal') return piece.text === segment
  const { prefix, suffix, middle } = piece.glob
  if (segment.length < prefix.length + suffix.length) return false
  if (!segment.endsWith(suffix) || !segment.startsWith(prefix)) return false
  return middle === null || matchesWildcards(middle, segment.slice(prefix.length, segment.length - suffix.length))
}
