/** The manifest of the tests: Payments is to answer for what nobody does yet. */
export const MANIFEST = `version: 1
team: Payments
functions: [{ name: Monthly invoicing }]
identities:
  - { name: stray, purpose: Nightly export, revocation: Delete the account }
`
