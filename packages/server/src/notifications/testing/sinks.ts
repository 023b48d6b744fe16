/** Servers of a test that take mail and webhooks and keep them. */
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after } from 'node:test'
import { SMTPServer } from 'smtp-server'

export type Mail = { to: string[]; id: string; raw: string }
export type MailSink = { url: string; mails: Mail[]; refuseWith(code: number | null): void }

export async function mailSink(): Promise<MailSink> {
  const mails: Mail[] = []
  let refused: number | null = null
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onData(stream, session, done) {
      text(stream).then((raw) => {
        if (refused !== null) return done(Object.assign(new Error('not now'), { responseCode: refused }))
        const id = /^Message-ID: (<[^>]+>)/im.exec(raw)?.[1] ?? ''
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), id, raw })
        return done()
      }, done)
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  after(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const { port } = server.server.address() as AddressInfo
  return { url: `smtp://127.0.0.1:${port}`, mails, refuseWith: (code) => (refused = code) }
}

export type Hook = { headers: IncomingHttpHeaders; body: string; path: string }
export type HookSink = { url: string; hooks: Hook[]; answerWith(status: number | ((hook: Hook) => number)): void }

export async function hookSink(): Promise<HookSink> {
  const hooks: Hook[] = []
  let answer: number | ((hook: Hook) => number) = 200
  const server = createServer((request, reply) => {
    void text(request).then((body) => {
      const hook = { headers: request.headers, body, path: request.url ?? '' }
      const status = typeof answer === 'number' ? answer : answer(hook)
      if (status < 300) hooks.push(hook)
      reply.writeHead(status, status >= 300 && status < 400 ? { location: 'http://169.254.169.254/' } : {}).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  after(() => server.close())
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/services/T0/B0/secret-part`, hooks, answerWith: (status) => (answer = status) }
}
