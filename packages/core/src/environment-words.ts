/** The company-independent words for environments → the normalised word. Whole words only; see environment.ts. */
export const environmentWords: ReadonlyMap<string, string> = new Map([
  ['production', 'production'], ['prod', 'production'], ['prd', 'production'], ['live', 'production'],
  ['preproduction', 'preproduction'], ['preprod', 'preproduction'], ['pre-production', 'preproduction'], ['pre-prod', 'preproduction'],
  ['staging', 'staging'], ['stage', 'staging'], ['stg', 'staging'], ['stag', 'staging'], ['uat', 'staging'], ['acceptance', 'staging'],
  ['test', 'test'], ['tst', 'test'], ['testing', 'test'], ['qa', 'test'], ['int', 'test'], ['integration', 'test'], ['perf', 'test'],
  ['development', 'development'], ['dev', 'development'], ['develop', 'development'], ['local', 'development'],
  ['sandbox', 'sandbox'], ['sbx', 'sandbox'], ['demo', 'sandbox'], ['training', 'sandbox'], ['poc', 'sandbox'], ['prototype', 'sandbox'],
  ['shared', 'shared'], ['mgmt', 'shared'], ['management', 'shared'],
])
