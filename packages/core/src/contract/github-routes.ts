/** Routes of GitHub: its deliveries, the repositories that are connected, and whose account is whose. */
import { z } from 'zod'
import { id, noBody, none, route } from './route.ts'

const Login = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?$/, 'is no account name of GitHub')
const FullName = z
  .string()
  .trim()
  .max(200)
  .regex(/^[A-Za-z0-9_-]+\/[A-Za-z0-9_.-]+$/, 'is written `owner/name`')
const ManifestPath = z
  .string()
  .trim()
  .max(300)
  .regex(/^(?:(?!\.{1,2}\/)[^/\\\p{Cc}]+\/)*[^/\\\p{Cc}]+\.ya?ml$/u, 'is a path of a YAML file below the repository')

export const GithubRepository = z.object({
  id: z.string(),
  repositoryId: z.int().describe('the number by which GitHub knows it, whatever it is called'),
  fullName: z.string().describe('as GitHub said last'),
  defaultBranch: z.string(),
  manifest: z.string(),
  connectedBy: z.string(),
  connectedAt: z.iso.datetime(),
  proposesUntil: z.iso.datetime().describe('when its token ends; connect it again before'),
  endedAt: z.iso.datetime().nullable(),
  ended: z.enum(['disconnected', 'uninstalled', 'deleted', 'transferred']).nullable(),
  waiting: z.int().describe('things to do'),
  dead: z.int().describe('things that were tried for hours and did not work'),
  lastAt: z.iso.datetime().nullable(),
  lastProblem: z.string().nullable(),
})
export type GithubRepository = z.infer<typeof GithubRepository>

export const GithubLink = z.object({
  accountId: z.int(),
  login: z.string().describe('as the account was called when it was linked'),
  linkedAt: z.iso.datetime(),
})

export const GITHUB_ROUTES = {
  receiveGithubDelivery: route({
    method: 'POST',
    path: '/v1/github/webhook',
    summary:
      'What GitHub tells. No session and no token: its `X-Hub-Signature-256` over the raw body is checked before ' +
      'anything is read; at most 2 MiB',
    tag: 'github',
    isPublic: true,
    params: none,
    query: none,
    body: z.unknown().describe('a payload of GitHub, as it documents them'),
    reply: noBody,
    status: 202,
  }),
  github: route({
    method: 'GET',
    path: '/v1/github',
    summary: 'Whether GitHub is set up, and the account of whoever asks',
    tag: 'github',
    params: none,
    query: none,
    body: noBody,
    reply: z.object({ isOn: z.boolean(), link: GithubLink.nullable() }),
  }),
  listGithubRepositories: route({
    method: 'GET',
    path: '/v1/github/repositories',
    summary: 'Repositories that are connected, or were, for who operates',
    tag: 'github',
    params: none,
    query: none,
    body: noBody,
    reply: z.object({ items: z.array(GithubRepository) }),
  }),
  connectGithubRepository: route({
    method: 'POST',
    path: '/v1/github/repositories',
    summary: 'Connect a repository in which the App is installed; one that is connected gets a new manifest and token',
    tag: 'github',
    params: none,
    query: none,
    body: z.strictObject({
      repository: FullName.describe('`owner/name`; kept is its number'),
      manifest: ManifestPath.default('onus.yaml'),
    }),
    reply: GithubRepository,
    status: 201,
  }),
  disconnectGithubRepository: route({
    method: 'DELETE',
    path: '/v1/github/repositories/{id}',
    summary: 'Have nothing more to do with it',
    tag: 'github',
    params: id,
    query: none,
    body: noBody,
    reply: noBody,
    status: 204,
  }),
  retryGithubRepository: route({
    method: 'POST',
    path: '/v1/github/repositories/{id}/retry',
    summary: 'Try again what did not work',
    tag: 'github',
    params: id,
    query: none,
    body: none,
    reply: GithubRepository,
  }),
  beginGithubLink: route({
    method: 'POST',
    path: '/v1/github/link',
    summary: 'A code with which one’s account on GitHub says that it is one’s own, for 15 minutes',
    tag: 'github',
    params: none,
    query: none,
    body: z.strictObject({ login: Login }),
    reply: z.object({
      accountId: z.int(),
      comment: z.string().describe('to be written by that account on a pull request of a connected repository'),
      expiresAt: z.iso.datetime(),
    }),
    status: 201,
  }),
  endGithubLink: route({
    method: 'DELETE',
    path: '/v1/github/link',
    summary: 'The account is not one’s own any more',
    tag: 'github',
    params: none,
    query: none,
    body: noBody,
    reply: noBody,
    status: 204,
  }),
} as const
