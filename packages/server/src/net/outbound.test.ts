import { after, test } from 'node:test'
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { reachOf } from './addresses.ts'
import type { Reach } from './addresses.ts'
import { OutboundFailed, createOutbound } from './outbound.ts'
import type { OutboundCode } from './outbound.ts'

const REACHES: [address: string, want: Reach][] = [
  ['93.184.215.14', 'public'],
  ['2606:2800:21f:cb07:6820:80da:af6b:8b2c', 'public'],
  ['127.0.0.1', 'private'],
  ['127.255.255.255', 'private'],
  ['10.1.2.3', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.1', 'public'],
  ['192.168.0.1', 'private'],
  ['100.64.0.1', 'private'],
  ['::1', 'private'],
  ['fd12:3456::1', 'private'],
  ['0.0.0.0', 'never'],
  ['169.254.169.254', 'never'],
  ['100.100.100.200', 'never'],
  ['192.0.2.1', 'never'],
  ['198.18.0.1', 'never'],
  ['224.0.0.1', 'never'],
  ['255.255.255.255', 'never'],
  ['::', 'never'],
  ['fe80::1', 'never'],
  ['fe80::1%eth0', 'never'],
  ['ff02::1', 'never'],
  ['fd00:ec2::254', 'never'],
  ['::ffff:127.0.0.1', 'never'],
  ['::ffff:7f00:1', 'never'],
  ['::ffff:93.184.215.14', 'never'],
  ['::127.0.0.1', 'never'],
  ['64:ff9b::7f00:1', 'never'],
  ['64:ff9b::a9fe:a9fe', 'never'],
  ['64:ff9b:1::1', 'never'],
  ['2002:7f00:1::', 'never'],
  ['2001:0:53aa:64c:0:fbff:80ff:fffe', 'never'],
  ['2001:db8::1', 'never'],
  ['fec0::1', 'never'],
  ['localhost', 'never'],
  ['', 'never'],
]
for (const [address, want] of REACHES) test(`T53 the reach of ${address || 'nothing'} is ${want}`, () => assert.equal(reachOf(address), want))

type Handler = (request: IncomingMessage, response: ServerResponse) => void
async function site(handler: Handler): Promise<{ port: number; hits(): number }> {
  let hits = 0
  const server = createServer((request, response) => {
    hits += 1
    handler(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, hits: () => hits }
}
const inside = await site((_request, response) => response.end('the inside'))
const failsAs = (code: OutboundCode) => (error: unknown): boolean => error instanceof OutboundFailed && error.code === code

test('T53 no way of writing it reaches this machine', async () => {
  const out = createOutbound({ allowPrivate: false })
  const { port } = inside
  const urls = [
    `http://127.0.0.1:${port}/`,
    `https://127.0.0.1:${port}/`,
    `http://localhost:${port}/`,
    `http://2130706433:${port}/`,
    `http://0x7f.1:${port}/`,
    `http://0177.0.0.1:${port}/`,
    `http://127.1:${port}/`,
    `http://0:${port}/`,
    `http://[::1]:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    `http://[::ffff:7f00:1]:${port}/`,
    `http://[64:ff9b::7f00:1]:${port}/`,
    `http://１２７.0.0.1:${port}/`,
    `http://93.184.215.14@127.0.0.1:${port}/`,
    `http://127.0.0.1:${port}#@93.184.215.14/`,
    'http://169.254.169.254/latest/meta-data/',
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'gopher://127.0.0.1/',
    'data:text/plain,x',
    'not a url',
  ]
  for (const url of urls) await assert.rejects(out(url), failsAs('address-not-allowed'), url)
  assert.equal(inside.hits(), 0)
})

test('T53 with private addresses allowed, link-local ones are still refused, and TLS is needed off this machine', async () => {
  const out = createOutbound({ allowPrivate: true, timeoutMs: 2_000, resolve: async () => ['10.0.0.1'] })
  for (const url of ['http://169.254.169.254/', 'https://169.254.169.254/', 'http://[fe80::1]/', 'https://[fd00:ec2::254]/', 'http://10.0.0.1/', 'http://intranet.example/'])
    await assert.rejects(out(url), failsAs('address-not-allowed'), url)
  assert.equal(await (await out(`http://127.0.0.1:${inside.port}/`)).text(), 'the inside')
})

/** A name server that gives its answers in turn, each for no time at all. */
async function nameServer(answers: string[][]): Promise<(host: string) => Promise<string[]>> {
  const socket = createSocket('udp4')
  let turn = 0
  socket.on('message', (query, from) => {
    const addresses = answers[Math.min(turn, answers.length - 1)] ?? []
    turn += 1
    const question = query.subarray(12)
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(0x81_80, 2)
    header.writeUInt16BE(addresses.length, 6)
    header.writeUInt16BE(0, 10)
    const end = question.indexOf(0) + 5
    const records = addresses.map((address) => Buffer.concat([Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]), Buffer.from(address.split('.').map(Number))]))
    socket.send(Buffer.concat([header, question.subarray(0, end), ...records]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  after(() => socket.close())
  const resolver = new Resolver()
  resolver.setServers([`127.0.0.1:${socket.address().port}`])
  return (host) => resolver.resolve4(host)
}

test('T53 a name that changes its mind after the check changes nothing: it is asked once a connection', async () => {
  const before = inside.hits()
  const out = createOutbound({ allowPrivate: true, resolve: await nameServer([['127.0.0.1'], ['169.254.169.254'], ['127.0.0.1']]) })
  const url = `http://rebind.example:${inside.port}/`
  assert.equal(await (await out(url)).text(), 'the inside')
  await assert.rejects(out(url), failsAs('address-not-allowed'))
  assert.equal(await (await out(url)).text(), 'the inside')
  assert.equal(inside.hits(), before + 2)
})

test('T53 one private answer among public ones refuses the name', async () => {
  const out = createOutbound({ allowPrivate: false, resolve: await nameServer([['93.184.215.14', '127.0.0.1']]) })
  await assert.rejects(out(`https://mixed.example:${inside.port}/`), failsAs('address-not-allowed'))
})

test('T53 the connection is pinned to the address that was checked', async () => {
  let asked = 0
  const resolve = async (): Promise<string[]> => {
    asked += 1
    return asked === 1 ? ['127.0.0.1'] : ['192.0.2.1']
  }
  const seen = await site((request, response) => response.end(request.headers.host))
  const out = createOutbound({ allowPrivate: true, resolve })
  assert.equal(await (await out(`http://named.example:${seen.port}/`)).text(), `named.example:${seen.port}`)
  assert.equal(asked, 1)
})

test('T53 a redirect is not followed', async () => {
  const before = inside.hits()
  for (const status of [301, 302, 303, 307, 308]) {
    const { port } = await site((_request, response) => response.writeHead(status, { location: `http://127.0.0.1:${inside.port}/` }).end())
    await assert.rejects(createOutbound({ allowPrivate: true })(`http://127.0.0.1:${port}/`), failsAs('redirected'))
  }
  assert.equal(inside.hits(), before)
})

test('answers that are too large, too slow or none are told apart, and end', async () => {
  const large = await site((_request, response) => {
    response.writeHead(200)
    response.write('x'.repeat(200_000))
  })
  const silent = await site(() => {})
  const dripping = await site((_request, response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write('x'), 50)
    response.on('close', () => clearInterval(timer))
  })
  const rules = { allowPrivate: true, timeoutMs: 700, maxBytes: 100_000 }
  await assert.rejects(createOutbound(rules)(`http://127.0.0.1:${large.port}/`), failsAs('too-large'))
  await assert.rejects(createOutbound(rules)(`http://127.0.0.1:${silent.port}/`), failsAs('too-slow'))
  await assert.rejects(createOutbound(rules)(`http://127.0.0.1:${dripping.port}/`), failsAs('too-slow'))
  await assert.rejects(createOutbound({ ...rules, resolve: () => new Promise(() => {}) })('https://slow-names.example/'), failsAs('too-slow'))
  await assert.rejects(createOutbound({ ...rules, resolve: async () => { throw new Error('NXDOMAIN') } })('https://unknown.example/'), failsAs('not-found'))
  await assert.rejects(createOutbound({ ...rules, resolve: async () => [] })('https://empty.example/'), failsAs('not-found'))
  const closed = createTcpServer()
  closed.listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  await assert.rejects(createOutbound(rules)(`http://127.0.0.1:${port}/`), failsAs('no-answer'))
})

test('method, headers and body arrive, and so do status, headers and body of the answer', async () => {
  const echo = await site((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => response.writeHead(418, { 'x-seen': `${request.method} ${request.headers['x-given']}` }).end(body))
  })
  const answer = await createOutbound({ allowPrivate: true })(`http://127.0.0.1:${echo.port}/`, { method: 'POST', headers: { 'x-given': 'h' }, body: 'text' })
  assert.deepEqual([answer.status, answer.headers.get('x-seen'), await answer.text()], [418, 'POST h', 'text'])
})
