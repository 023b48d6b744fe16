/** Routes about what is told outside: channels of teams, and messages that did not arrive. A part of the route table. */
import { z } from 'zod'
import { id, noBody, none, route } from './route.ts'

const Named = z.object({ id: z.string(), name: z.string() })
const Channel = z.object({ host: z.string().describe('of its address, which is a secret'), setAt: z.iso.datetime() })

export const Delivery = z.object({
  id: z.string().describe('also in the Message-ID, or the Idempotency-Key'),
  channel: z.enum(['mail', 'chat']),
  to: Named,
  subject: z.string(),
  state: z
    .enum(['waiting', 'dead', 'nowhere'])
    .describe('`dead`: the other side does not take it; `nowhere`: there is no address'),
  attempts: z.int(),
  problem: z.string().nullable(),
  createdAt: z.iso.datetime(),
  nextAt: z.iso.datetime().nullable(),
})
export type Delivery = z.infer<typeof Delivery>

export const NOTIFICATION_ROUTES = {
  teamChannel: route({
    method: 'GET',
    path: '/v1/directory/teams/{id}/channel',
    summary: 'Where a team hears; null: each member by mail',
    tag: 'notifications',
    params: id,
    query: none,
    body: noBody,
    reply: z.object({ channel: Channel.nullable() }),
  }),
  setTeamChannel: route({
    method: 'PUT',
    path: '/v1/directory/teams/{id}/channel',
    summary: 'Let a team hear in a channel, by a Slack-compatible webhook',
    tag: 'notifications',
    params: id,
    query: none,
    body: z.strictObject({ url: z.string().min(1).max(2_000).describe('kept sealed and never told again') }),
    reply: Channel,
  }),
  removeTeamChannel: route({
    method: 'DELETE',
    path: '/v1/directory/teams/{id}/channel',
    summary: 'Let each member hear by mail again',
    tag: 'notifications',
    params: id,
    query: none,
    body: noBody,
    reply: noBody,
    status: 204,
  }),
  listDeliveries: route({
    method: 'GET',
    path: '/v1/deliveries',
    summary: 'Messages that did not arrive or are tried again, for who operates',
    tag: 'notifications',
    params: none,
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
    body: noBody,
    reply: z.object({ items: z.array(Delivery), waiting: z.int(), dead: z.int(), nowhere: z.int() }),
  }),
  retryDelivery: route({
    method: 'POST',
    path: '/v1/deliveries/{id}/retry',
    summary: 'Try a message again that did not arrive',
    tag: 'notifications',
    params: id,
    query: none,
    body: none,
    reply: noBody,
    status: 204,
  }),
} as const
