/** Routes of change requests, guardrails and exceptions. A part of the route table. */
import { z } from 'zod'
import { ChangeContent, CHANGE_KINDS, RuleId } from '../change/content.ts'
import {
  ChangeDetail,
  ChangePreview,
  ChangeRow,
  ExceptionRow,
  GuardrailDetail,
  GuardrailRow,
  PowerHolder,
} from '../change/shapes.ts'
import { CHANGE_DAYS, CHANGE_STATES } from '../change/state.ts'
import { Job } from './job.ts'
import { Cursor, id, Limit, noBody, none, page, route } from './route.ts'

const Id = z.string().min(1).max(64)
const Reason = z.string().trim().min(3).max(2_000)
const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)

const IsEmergency = z
  .boolean()
  .default(false)
  .describe('break the glass: security approves in place of owner and sponsor; what is granted ends within a day')

export const CHANGE_ROUTES = {
  listChanges: route({
    method: 'GET',
    path: '/v1/changes',
    summary: 'Change requests, newest first',
    tag: 'changes',
    params: none,
    query: z.strictObject({
      state: z.enum(CHANGE_STATES).optional(),
      kind: z.enum(CHANGE_KINDS).optional(),
      identity: Id.optional(),
      author: Id.optional().describe('id of a person or token'),
      awaiting: z
        .literal('me')
        .optional()
        .describe('open ones with an empty seat that I could fill, as far as seats say'),
      cursor: Cursor.optional(),
      limit: Limit,
    }),
    body: noBody,
    reply: page(ChangeRow),
  }),
  change: route({
    method: 'GET',
    path: '/v1/changes/{id}',
    summary: 'One change request: what changes, what guardrails say, who must approve, what I may do',
    tag: 'changes',
    params: id,
    query: none,
    body: noBody,
    reply: ChangeDetail,
  }),
  previewChange: route({
    method: 'POST',
    path: '/v1/changes/preview',
    summary: 'What a change would do and who would have to approve; nothing is kept',
    tag: 'changes',
    params: none,
    query: none,
    body: z.strictObject({ content: ChangeContent, isEmergency: IsEmergency }),
    reply: ChangePreview,
  }),
  proposeChange: route({
    method: 'POST',
    path: '/v1/changes',
    summary: 'Propose a change',
    tag: 'changes',
    params: none,
    query: none,
    body: z.strictObject({
      content: ChangeContent,
      reason: Reason.describe('why; kept in the ledger'),
      expiresInDays: z.int().min(1).max(CHANGE_DAYS.most).default(CHANGE_DAYS.default),
      isEmergency: IsEmergency,
    }),
    reply: ChangeDetail,
    status: 201,
  }),
  editChange: route({
    method: 'PUT',
    path: '/v1/changes/{id}',
    summary: 'Write a change anew, against the world of today; what was decided on it is void',
    tag: 'changes',
    params: id,
    query: none,
    body: z.strictObject({
      digest: Digest.describe('of what is edited'),
      content: ChangeContent,
      reason: Reason,
    }),
    reply: ChangeDetail,
  }),
  approveChange: route({
    method: 'POST',
    path: '/v1/changes/{id}/approve',
    summary: 'Approve exactly this content; the last approval applies it',
    tag: 'changes',
    params: id,
    query: none,
    body: z.strictObject({
      digest: Digest.describe('of what was read'),
      seat: z.string().max(100).optional().describe('default: the first that one may fill'),
      reason: Reason.optional(),
    }),
    reply: ChangeDetail,
  }),
  rejectChange: route({
    method: 'POST',
    path: '/v1/changes/{id}/reject',
    summary: 'Reject it, in a capacity in which one could approve it',
    tag: 'changes',
    params: id,
    query: none,
    body: z.strictObject({ digest: Digest, seat: z.string().max(100).optional(), reason: Reason }),
    reply: ChangeDetail,
  }),
  withdrawChange: route({
    method: 'POST',
    path: '/v1/changes/{id}/withdraw',
    summary: "Withdraw one's own proposal",
    tag: 'changes',
    params: id,
    query: none,
    body: z.strictObject({ reason: Reason.optional() }),
    reply: ChangeDetail,
  }),
  commentOnChange: route({
    method: 'POST',
    path: '/v1/changes/{id}/comments',
    summary: 'Say something about it',
    tag: 'changes',
    params: id,
    query: none,
    body: z.strictObject({ text: z.string().trim().min(1).max(5_000) }),
    reply: ChangeDetail,
  }),
  listGuardrails: route({
    method: 'GET',
    path: '/v1/guardrails',
    summary: 'Guardrails that stand, with those that still hold after they were loosened',
    tag: 'guardrails',
    params: none,
    query: none,
    body: noBody,
    reply: z.object({ items: z.array(GuardrailRow), schema: z.string().describe('the facts a guardrail may look at') }),
  }),
  guardrail: route({
    method: 'GET',
    path: '/v1/guardrails/{id}',
    summary: 'One guardrail with every version',
    tag: 'guardrails',
    params: id,
    query: none,
    body: noBody,
    reply: GuardrailDetail,
  }),
  listStarterGuardrails: route({
    method: 'GET',
    path: '/v1/guardrails/starters',
    summary: 'Guardrails to begin with; each is proposed as a change',
    tag: 'guardrails',
    params: none,
    query: none,
    body: noBody,
    reply: z.object({ items: z.array(z.object({ id: z.string(), title: z.string(), text: z.string() })) }),
  }),
  simulateGuardrail: route({
    method: 'POST',
    path: '/v1/guardrails/simulate',
    summary: 'Ask what a guardrail would hit in the estate of today; the answer is in the job when it is done',
    tag: 'guardrails',
    params: none,
    query: none,
    body: z.strictObject({ id: RuleId, text: z.string().min(1).max(8_000) }),
    reply: Job,
    status: 202,
  }),
  listExceptions: route({
    method: 'GET',
    path: '/v1/exceptions',
    summary: 'Exceptions, the one that ends first at the top',
    tag: 'exceptions',
    params: none,
    query: z.strictObject({
      state: z.enum(['running', 'lapsed', 'replaced', 'all']).default('running'),
      rule: Id.optional(),
      identity: Id.optional(),
      team: Id.optional().describe('of the team that answers'),
      cursor: Cursor.optional(),
      limit: Limit,
    }),
    body: noBody,
    reply: page(ExceptionRow),
  }),
  listPowers: route({
    method: 'GET',
    path: '/v1/powers',
    summary: 'Who holds which power, and since when',
    tag: 'powers',
    params: none,
    query: none,
    body: noBody,
    reply: z.object({
      items: z.array(PowerHolder),
      policies: z.string().describe('the rules that say who may do what'),
    }),
  }),
  appointFirst: route({
    method: 'POST',
    path: '/v1/powers',
    summary: 'Appoint the first who guards or audits, while nobody does',
    tag: 'powers',
    params: none,
    query: none,
    body: z.strictObject({
      power: z.enum(['guard', 'audit']),
      holder: z.union([z.strictObject({ person: Id }), z.strictObject({ team: Id })]),
      reason: Reason,
    }),
    reply: z.object({ items: z.array(PowerHolder) }),
    status: 201,
  }),
} as const
