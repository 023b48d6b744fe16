/** Routes of webhooks: decisions told to other systems. A part of the route table. */
import { z } from 'zod'
import { id, noBody, none, route } from './route.ts'

const Fields = {
  url: z.string().min(1).max(2_000).describe('https; a secret in it is shown to who operates'),
  purpose: z.string().trim().min(1).max(200).describe('who hears, and what for'),
  actions: z
    .array(
      z
        .string()
        .regex(/^[a-z][a-z-]*(?:\.[a-z][a-z-]*)*$/)
        .max(80),
    )
    .max(50)
    .describe('actions of the ledger, or their beginnings: `change`, `acceptance.lapse`; none: all'),
}

export const Webhook = z.object({
  id: z.string(),
  ...Fields,
  isActive: z.boolean(),
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  delivered: z.int(),
  waiting: z.int(),
  dead: z.int().describe('events that were tried for hours and did not arrive'),
  lastAt: z.iso.datetime().nullable(),
  lastProblem: z.string().nullable().describe('of the last try, when it failed'),
  goneAt: z.iso.datetime().nullable().describe('the other side answered 410; nothing is sent until it is changed'),
})
export type Webhook = z.infer<typeof Webhook>

const WithSecret = z.object({
  webhook: Webhook,
  secret: z.string().describe('`whsec_…`, of Standard Webhooks; in this answer and never told again'),
})

export const WEBHOOK_ROUTES = {
  listWebhooks: route({
    method: 'GET',
    path: '/v1/webhooks',
    summary: 'Webhooks with how far they are, for who operates',
    tag: 'webhooks',
    params: none,
    query: none,
    body: noBody,
    reply: z.object({ items: z.array(Webhook) }),
  }),
  createWebhook: route({
    method: 'POST',
    path: '/v1/webhooks',
    summary: 'Tell decisions from now on to another system',
    tag: 'webhooks',
    params: none,
    query: none,
    body: z.strictObject(Fields),
    reply: WithSecret,
    status: 201,
  }),
  changeWebhook: route({
    method: 'PUT',
    path: '/v1/webhooks/{id}',
    summary: 'Change a webhook, stop it, or start it again where it stopped',
    tag: 'webhooks',
    params: id,
    query: none,
    body: z.strictObject({ ...Fields, isActive: z.boolean() }),
    reply: Webhook,
  }),
  renewWebhookSecret: route({
    method: 'POST',
    path: '/v1/webhooks/{id}/secret',
    summary: 'Sign with a new secret from now on',
    tag: 'webhooks',
    params: id,
    query: none,
    body: none,
    reply: WithSecret,
    status: 201,
  }),
  retryWebhook: route({
    method: 'POST',
    path: '/v1/webhooks/{id}/retry',
    summary: 'Send again what did not arrive',
    tag: 'webhooks',
    params: id,
    query: none,
    body: none,
    reply: Webhook,
  }),
  deleteWebhook: route({
    method: 'DELETE',
    path: '/v1/webhooks/{id}',
    summary: 'Send nothing more',
    tag: 'webhooks',
    params: id,
    query: none,
    body: noBody,
    reply: noBody,
    status: 204,
  }),
} as const
