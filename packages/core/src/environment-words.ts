/** The company-independent words for environments → the normalised word. Whole words only; see environment.ts. */
export const environmentWords: ReadonlyMap<string, string> = new Map([
  ['production', 'production'], ['prod', 'production'], ['prd', 'production'], ['prdn', 'production'],
  ['prodn', 'production'],
  ['live', 'production'],
  ['preproduction', 'preproduction'], ['preprod', 'preproduction'], ['pre-production', 'preproduction'],
  ['pre-prod', 'preproduction'],
  ['preprd', 'preproduction'], ['prelive', 'preproduction'], ['pre-live', 'preproduction'],
  ['nonproduction', 'non-production'], ['nonprod', 'non-production'], ['non-production', 'non-production'],
  ['non-prod', 'non-production'],
  ['nonprd', 'non-production'], ['nonlive', 'non-production'], ['non-live', 'non-production'],
  ['staging', 'staging'], ['stage', 'staging'], ['stg', 'staging'], ['stag', 'staging'], ['uat', 'staging'],
  ['acceptance', 'staging'],
  ['test', 'test'], ['tst', 'test'], ['testing', 'test'], ['qa', 'test'], ['int', 'test'], ['integration', 'test'],
  ['perf', 'test'],
  ['sit', 'test'], ['e2e', 'test'], ['nft', 'test'], ['loadtest', 'test'],
  ['development', 'development'], ['dev', 'development'], ['devel', 'development'], ['develop', 'development'],
  ['local', 'development'],
  ['sandbox', 'sandbox'], ['sandpit', 'sandbox'], ['sbx', 'sandbox'], ['demo', 'sandbox'], ['training', 'sandbox'],
  ['poc', 'sandbox'],
  ['prototype', 'sandbox'], ['playground', 'sandbox'],
  ['shared', 'shared'], ['mgmt', 'shared'], ['management', 'shared'],
])

/** Words that people use for environments and for little else: they count anywhere in a name. */
export const shortEnvironmentWords: ReadonlySet<string> = new Set([
  'prod', 'prd', 'prodn', 'prdn', 'preprod', 'preprd', 'preproduction', 'nonprod', 'nonprd', 'nonproduction', 'dev',
  'stg', 'uat', 'tst', 'sbx',
])

/** Words that also mean other things (live chat, centre stage): they count alone or at the end of a name. */
export const weakEnvironmentWords: ReadonlySet<string> = new Set([
  'live', 'stage', 'stag', 'test', 'int', 'perf', 'e2e', 'demo', 'poc', 'prototype',
])

/** Words that end ordinary names too (`payments-integration`): they count alone only, and prove little. */
export const wordsOfOtherTrades: ReadonlySet<string> = new Set([
  'integration', 'management', 'mgmt', 'local', 'acceptance', 'shared', 'testing', 'training', 'sit', 'develop',
])
