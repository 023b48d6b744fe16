/** The door of GitHub: a check on pull requests, and what follows from a merge. */
export { readSecrets } from './secrets.ts'
export { startGithub } from './worker.ts'
