/** Composes and sends until stopped. Trouble is told to the log and tried again. */
import type { Context } from '../context.ts'
import { createOutbound } from '../net/outbound.ts'
import { startTurns } from '../turns.ts'
import type { Turns } from '../turns.ts'
import { channelUrl } from './channels.ts'
import { createChat } from './chat.ts'
import { compose, forget } from './compose.ts'
import type { ComposeRules } from './compose.ts'
import { Undeliverable, deliverNext } from './deliver.ts'
import type { Send } from './deliver.ts'
import { createMailer } from './mail.ts'

const EVERY_MS = 5_000
const STOP_MS = 5_000

export function rulesOf({ config }: Pick<Context, 'config'>): ComposeRules {
  const base = config.publicUrl ?? `http://${config.host}:${config.port ?? 4400}`
  return { base, quiet: config.quietHours, hasMail: config.mail !== null }
}

export function senderOf(ctx: Context): Send {
  const { config } = ctx
  const rules = { allowPrivate: config.allowPrivateOutbound }
  const mail = config.mail && createMailer(config.mail, rules)
  const chat = createChat(createOutbound(rules))
  return async (message) => {
    if (message.team_id !== null) {
      const url = await channelUrl(ctx, message.team_id)
      if (url === null) throw new Undeliverable('nowhere', 'the team has no channel any more')
      return chat({ id: message.id, url, text: message.body })
    }
    const person = await ctx.db.read
      .selectFrom('person')
      .select(['email', 'is_active'])
      .where('id', '=', message.person_id ?? '')
      .executeTakeFirst()
    if (!person?.is_active) throw new Undeliverable('nowhere', 'the person is not here any more')
    if (person.email === null) throw new Undeliverable('nowhere', 'the person has no address')
    if (!mail) throw new Undeliverable('nowhere', 'mail is not set up any more')
    return mail({ id: message.id, to: person.email, subject: message.subject, text: message.body })
  }
}

/** Everything that is due now. `isStopped` is asked between two of them. */
export async function deliverDue(ctx: Context, send: Send, isStopped: () => boolean = () => false): Promise<void> {
  while (!isStopped() && (await ctx.db.tx((tx) => compose(tx, rulesOf(ctx), ctx.clock()))) > 0);
  while (!isStopped() && (await deliverNext(ctx.db, ctx.clock, send)));
  await ctx.db.tx((tx) => forget(tx, ctx.clock()))
}

export function startNotifying(ctx: Context): Turns {
  const send = senderOf(ctx)
  // What is being sent may be slow; sent but not noted, it is sent again under its id.
  const rules = { everyMs: EVERY_MS, stopMs: STOP_MS, trouble: 'notifications were not sent' }
  return startTurns(ctx, rules, (isStopped) => deliverDue(ctx, send, isStopped))
}
