/** The pages: the built console with its headers, and the reports of browsers that something tried to break out. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import helmet from '@fastify/helmet'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { problemOf, sendProblem } from './problem.ts'

/**
 * No inline script and nothing from elsewhere. Mantine sets colours and sizes in style attributes and one style element
 * of variables, so inline styles are allowed: they run nothing, and no text of the registry is put into one.
 */
export async function addSecurityHeaders(app: FastifyInstance, isHttps: boolean): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        workerSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
        reportUri: ['/csp-report'],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: isHttps ? { maxAge: 31_536_000 } : false,
  })
}

/** Counts violations; their text comes from whoever sends it, so it is not kept. */
export function collectCspReports(app: FastifyInstance): { count(): number } {
  let reports = 0
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    const types = ['application/csp-report', 'application/reports+json', 'application/json']
    scope.addContentTypeParser(types, { parseAs: 'string', bodyLimit: 16 * 1024 }, (_request, _body, done) =>
      done(null),
    )
    scope.post('/csp-report', async (_request, reply) => {
      reports += 1
      return reply.code(204).send()
    })
  })
  return { count: () => reports }
}

/** Assets with a hash in their name never change; every other address is the one page, which reads the address. */
export async function serveConsole(app: FastifyInstance, dist: string): Promise<void> {
  const hasConsole = existsSync(join(dist, 'index.html'))
  if (hasConsole) {
    await app.register(fastifyStatic, {
      root: dist,
      wildcard: false,
      index: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const isHashed = path.startsWith(join(dist, 'assets'))
        reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  }
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '/'
    const isPage = hasConsole && request.method === 'GET' && !path.startsWith('/v1') && !/\.\w{1,5}$/.test(path)
    if (isPage) return reply.header('cache-control', 'no-cache').sendFile('index.html')
    return sendProblem(reply, problemOf('not-found', 'nothing is at this address'))
  })
}
