/**
 * A report as one page that can be mailed and printed: no script, no request (its own policy forbids both), light and
 * dark, narrow and wide. Every name is text (T46, T47).
 */
import { SEVERITIES, type Finding } from '@onus/core/finding.ts'
import { ACCOUNTABILITY_STATES, type Identity } from '@onus/core/identity.ts'
import { formatPlace } from '@onus/core/place.ts'
import type { ScanReport } from '@onus/core/report.ts'
import type { Team } from '@onus/core/team.ts'
import { digestOf, sidesOf, type Digest, type RuleDigest } from './digest.ts'
import { STYLE } from './html-style.ts'
import { html, list, type Html } from './markup.ts'
import { count, kindName, percent } from './words.ts'

/** A browser stays quick with this many rows; JSON has all. */
const MAX_IDENTITIES = 5_000
const MAX_FINDINGS_OF_A_RULE = 200
const MAX_SPLITS = 100
const MAX_UNREAD = 500

export function* htmlReport(report: ScanReport): Generator<string> {
  const digest = digestOf(report)
  const teams = new Map(report.teams.map((team) => [team.id, team]))
  yield html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Machine identities as of ${report.asOf.slice(0, 10)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${count(report.summary.identities, 'machine identity')}</h1>
<p>As of ${report.asOf.slice(0, 10)}, from ${list(new Set(report.sources.map((source) => source.path)), (path) => html`<code>${path}</code>`, ', ')}. Onus ${report.onus.version}.</p>
<nav aria-label="Sections">
<a href="#answers">Who answers</a> <a href="#findings">Findings</a> <a href="#splits">Splits</a> <a href="#teams">Teams</a> <a href="#identities">Identities</a> <a href="#coverage">What was read</a></nav>
</header>
<main>
`.text
  yield overview(report, digest).text
  yield findings(report, digest, teams).text
  yield splits(digest, teams).text
  yield teamTable(digest).text
  yield* identityTable(report, teams)
  yield coverage(report, digest).text
  yield '</main>\n</body>\n</html>\n'
}

function overview({ summary }: ScanReport, { kinds }: Digest): Html {
  const states = ACCOUNTABILITY_STATES.filter((state) => summary.byState[state] > 0)
  const environments = Object.entries(summary.byEnvironment).toSorted((a, b) => b[1] - a[1])
  return html`<section id="answers"><h2>Who answers for them</h2>
<div class="bar" aria-hidden="true">${list(states, (state) => html`<i class="${state}" style="flex-grow:${summary.byState[state]}"></i>`)}</div>
<table><thead><tr><th scope="col">State</th><th scope="col" class="n">Identities</th>
<th scope="col" class="n">Share</th></tr></thead>
<tbody>${list(
    ACCOUNTABILITY_STATES,
    (state) => html`<tr><th scope="row">
<span class="key ${state}"></span>${state}</th><td class="n">${summary.byState[state]}</td>
<td class="n">${percent(summary.byState[state], summary.identities)}</td></tr>`,
  )}</tbody></table>
<p class="note">Accountable means that a team has accepted it, which files cannot show; a scan sees claims. Split means that the pointers to its owner disagree, or that the named owner cannot change it.</p>
<p>${list(kinds, ([kind, number]) => html`${count(number, kindName(kind))}`, ', ')}; ${count(summary.credentials, 'credential')}.
By environment: ${list(environments, ([environment, number]) => html`${environment} ${number}`, ', ')}.</p></section>
`
}

function findings({ summary }: ScanReport, { rules, unknowns }: Digest, teams: ReadonlyMap<string, Team>): Html {
  return html`<section id="findings"><h2>What needs someone</h2>
<p>${list(SEVERITIES.toReversed(), (severity) => html`<b class="sev ${severity}">${severity}</b> ${summary.findings[severity]}`, ' · ')}</p>
${list(rules, (digest) => ruleSection(digest, teams))}
${rules.length === 0 ? html`<p>No rule found anything.</p>` : ''}
${
  unknowns.length === 0
    ? ''
    : html`<h3>What could not be judged</h3>
<p class="note">Counted apart: these are no findings. The facts were not in what was read.</p>
<table><thead><tr><th scope="col">Rule</th><th scope="col" class="n">Times</th><th scope="col">Needs to know</th></tr>
</thead><tbody>${list(
        unknowns,
        ({ rule, count: times }) => html`<tr><th scope="row">${rule.title}</th>
<td class="n">${times}</td><td>${rule.needs.join('; ')}</td></tr>`,
      )}</tbody></table>`
}
</section>
`
}

function ruleSection({ rule, worst, fails, teams: teamCount }: RuleDigest, teams: ReadonlyMap<string, Team>): Html {
  const row = (finding: Finding): Html =>
    html`<tr><td><b class="sev ${finding.severity}">${finding.severity}</b></td>
<td><strong>${finding.title}</strong><br>${finding.detail}</td><td>${teamName(finding.team, teams)}</td>
<td>${list(finding.evidence.slice(0, 4), (place) => html`<code>${formatPlace(place)}</code>`, html`<br>`)}</td></tr>`
  return html`<details${worst === 'critical' || worst === 'high' ? html` open` : ''}><summary><b class="sev ${worst}">${worst}</b> ${rule.title} <span class="n">${fails.length}</span>${teamCount > 0 ? html` <span class="note">${count(teamCount, 'team')}</span>` : ''}</summary>
<p>${rule.fix} <span class="note">
<code>${rule.id}</code>${list(rule.maps.owaspNhi, (id) => html` · OWASP ${id}`)}${list(rule.maps.csf, (id) => html` · CSF ${id}`)}</span></p>
<table><thead><tr><th scope="col">Severity</th><th scope="col">What</th><th scope="col">Team</th>
<th scope="col">Where</th></tr></thead><tbody>${list(fails.slice(0, MAX_FINDINGS_OF_A_RULE), row)}</tbody></table>
${cut(fails.length, MAX_FINDINGS_OF_A_RULE)}</details>
`
}

function splits(digest: Digest, teams: ReadonlyMap<string, Team>): Html {
  if (digest.splits.length === 0)
    return html`<section id="splits"><h2>Where ownership is split</h2><p>Nowhere.</p></section>\n`
  return html`<section id="splits"><h2>Where ownership is split</h2>
${list(
  digest.splits.slice(0, MAX_SPLITS),
  (one) => html`<article><h3>${'namespace' in one && one.namespace !== null ? `${one.namespace}/` : ''}${one.name}</h3>
<ul>${list(sidesOf(one, teams), (side) => html`<li><strong>${side.name}</strong>${side.how ? `, ${side.how}` : ''}${side.place ? html` <code>${formatPlace(side.place)}</code>` : ''}</li>`)}</ul>
<p>${one.accountability.disagreement?.explanation ?? ''}</p></article>`,
)}
${cut(digest.splits.length, MAX_SPLITS)}</section>
`
}

function teamTable({ teams }: Digest): Html {
  return html`<section id="teams"><h2>Teams</h2>
<table><thead><tr><th scope="col">Team</th><th scope="col">Kind</th><th scope="col" class="n">Identities</th>
<th scope="col" class="n">Split</th>${list(SEVERITIES.toReversed(), (severity) => html`<th scope="col" class="n">${severity}</th>`)}</tr></thead>
<tbody>${list(
    teams,
    ({ team, identities, split, findings: found }) => html`<tr>
<th scope="row">${team?.name ?? 'no team'}</th><td>${team?.kind ?? ''}</td><td class="n">${identities}</td>
<td class="n">${split}</td>${list(SEVERITIES.toReversed(), (severity) => html`<td class="n">${found[severity]}</td>`)}</tr>`,
  )}</tbody></table></section>
`
}

function* identityTable(report: ScanReport, teams: ReadonlyMap<string, Team>): Generator<string> {
  yield `<section id="identities"><h2>Identities</h2>
<table><thead><tr><th scope="col">Name</th><th scope="col">Kind</th><th scope="col">Environment</th>
<th scope="col">State</th><th scope="col">Team</th><th scope="col" class="n">Credentials</th>
<th scope="col">Last rotated</th><th scope="col">Defined in</th></tr></thead><tbody>\n`
  for (const identity of report.identities.slice(0, MAX_IDENTITIES)) yield identityRow(identity, teams).text
  yield html`</tbody></table>${cut(report.identities.length, MAX_IDENTITIES)}</section>\n`.text
}

function identityRow(identity: Identity, teams: ReadonlyMap<string, Team>): Html {
  const rotated = identity.credentials.flatMap((one) => one.rotatedAt ?? []).toSorted()[0]
  return html`<tr><th scope="row">${identity.name}${
    identity.namespace === null
      ? ''
      : html`<br>
<span class="note">${identity.namespace}</span>`
  }</th><td>${kindName(identity.kind)}</td>
<td>${identity.environment ?? 'unknown'}</td><td>
<span class="key ${identity.accountability.state}"></span>${identity.accountability.state}</td>
<td>${teamName(identity.accountability.team, teams)}</td><td class="n">${identity.credentials.length}</td>
<td>${rotated?.slice(0, 10) ?? ''}</td><td><code>${formatPlace(identity.source)}</code></td></tr>\n`
}

function coverage(report: ScanReport, { unread }: Digest): Html {
  return html`<section id="coverage"><h2>What was read, and what was not</h2>
<table><thead><tr><th scope="col">Path</th><th scope="col">Reader</th><th scope="col" class="n">Files</th>
<th scope="col" class="n">Not read</th><th scope="col">Cannot see</th></tr></thead>
<tbody>${list(
    report.sources,
    (source) => html`<tr><td><code>${source.path}</code></td>
<th scope="row">${source.reader}</th><td class="n">${source.files}</td><td class="n">${source.unreadCount}</td>
<td>${source.blind.join('; ')}</td></tr>`,
  )}</tbody></table>
${
  unread.length === 0
    ? html`<p>Everything that readers took could be read.</p>`
    : html`<table><thead><tr>
<th scope="col">Where</th><th scope="col">Why it was not read</th><th scope="col">Reader</th></tr></thead>
<tbody>${list(
        unread.slice(0, MAX_UNREAD),
        (entry) => html`<tr><td><code>${formatPlace(entry)}</code></td>
<td>${entry.reason}</td><td>${entry.reader}</td></tr>`,
      )}</tbody>
</table>${cut(report.summary.unread, MAX_UNREAD)}`
}</section>
`
}

function cut(all: number, shown: number): Html {
  return all > shown
    ? html`<p class="note">The first ${shown} of ${all}; <code>--format json</code> has all.</p>`
    : html``
}

function teamName(id: string | null, teams: ReadonlyMap<string, Team>): string {
  return id === null ? '' : (teams.get(id)?.name ?? id)
}
