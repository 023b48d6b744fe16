/** Mail by SMTP (RFC 5321). */
import { isIP } from 'node:net'
import { createTransport } from 'nodemailer'
import type { MailConfig } from '../config.ts'
import { allowedAddresses, OutboundFailed } from '../net/outbound.ts'
import { Undeliverable } from './deliver.ts'

export type Mail = { id: string; to: string; subject: string; text: string }
export type SendMail = (mail: Mail) => Promise<void>

const TIMEOUT_MS = 20_000

/**
 * Connects anew for each message: there are few. Beyond this machine TLS is asked for, and the certificate is checked
 * against the name of the server. The same id gives the same Message-ID.
 */
export function createMailer({ url: given, from }: MailConfig, { allowPrivate }: { allowPrivate: boolean }): SendMail {
  const url = new URL(given)
  const isSecure = url.protocol === 'smtps:'
  const domain = from.split('@').pop()?.replace(/>$/, '') ?? 'onus.invalid'
  return async ({ id, to, subject, text }) => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const [address] = await allowedAddresses(host, { allowPrivate })
    const isHere = address === '::1' || address.startsWith('127.')
    const transport = createTransport({
      host: address,
      port: url.port === '' ? (isSecure ? 465 : 587) : Number(url.port),
      secure: isSecure,
      requireTLS: !isSecure && !isHere,
      ignoreTLS: isHere && !isSecure,
      ...(isIP(host) ? {} : { tls: { servername: host } }),
      ...(url.username === ''
        ? {}
        : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    try {
      await transport.sendMail({
        from,
        to: { name: '', address: to },
        subject,
        text,
        messageId: `<${id}@${domain}>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      })
    } catch (error) {
      throw told(error)
    } finally {
      transport.close()
    }
  }
}

/** What may be shown: the answer of a mail server can hold the address, and errors of a library its options. */
function told(error: unknown): Error {
  if (error instanceof OutboundFailed) return error
  const { responseCode, code } = error as { responseCode?: number; code?: string }
  // A transient answer of the server is 4xx; authentication is repaired by whoever runs Onus, not by giving up.
  if (responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH')
    return new Undeliverable('dead', `the mail server answered ${responseCode}`)
  return new Error(`the mail server did not take it (${responseCode ?? code ?? 'no answer'})`)
}
