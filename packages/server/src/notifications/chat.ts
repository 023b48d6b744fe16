/** Slack-compatible incoming webhooks: JSON with `text`. */
import type { Outbound } from '../net/outbound.ts'
import { Undeliverable } from './deliver.ts'
import { chatText } from './render.ts'

export type SendChat = (chat: { id: string; url: string; text: string }) => Promise<void>

/** Answers that trying again does not change: the channel is gone, or the text is not taken. */
const isFinal = (status: number): boolean => status >= 400 && status < 500 && status !== 408 && status !== 429

export function createChat(outbound: Outbound): SendChat {
  return async ({ id, url, text }) => {
    const answer = await outbound(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': id },
      body: JSON.stringify({ text: chatText(text), unfurl_links: false }),
    })
    if (answer.ok) return
    if (isFinal(answer.status)) throw new Undeliverable('dead', `the chat system answered ${answer.status}`)
    throw new Error(`the chat system answered ${answer.status}`)
  }
}
