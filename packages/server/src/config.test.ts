import { test } from 'node:test'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { readConfig } from './config.ts'

const DEFAULTS = {
  dataDir: '/repo/.onus',
  host: '127.0.0.1',
  port: null,
  publicUrl: null,
  databaseUrl: null,
  masterKeyFile: null,
  maxImportBytes: 1024 ** 3,
  reassignDays: { critical: 7, production: 14, other: 30 },
  oidc: null,
  github: null,
  mail: null,
  quietHours: null,
  allowPrivateOutbound: false,
  ledgerLimits: { entries: 1_000_000, minutes: 10 },
  oneByOne: ['regulated', 'privileged'],
  trustedProxies: [],
  logLevel: 'info',
}

const OIDC = {
  issuer: 'https://login.example.com/tenant/',
  clientId: 'onus',
  clientSecretFile: null,
  groupsClaim: 'groups',
  userNameClaim: 'preferred_username',
  scopes: 'openid profile email',
  allowPrivate: false,
}
const GITHUB = { ONUS_GITHUB_APP_ID: '4711', ONUS_GITHUB_PRIVATE_KEY_FILE: '/key', ONUS_GITHUB_WEBHOOK_SECRET_FILE: '/secret' }
const ISSUER = { ONUS_OIDC_ISSUER: 'https://login.example.com', ONUS_OIDC_CLIENT_ID: 'onus' }

test('an empty environment gives a working local server', () => {
  assert.deepEqual(readConfig({}, '/repo'), { ok: true, config: DEFAULTS })
  assert.deepEqual(readConfig({ ONUS_PORT: ' ', DATABASE_URL: '' }, '/repo'), { ok: true, config: DEFAULTS })
})

test('settings that are right are taken', () => {
  const cases: [string, Record<string, string>, object][] = [
    ['a port', { ONUS_PORT: '8080' }, { port: 8080 }],
    ['a master key of one’s own', { ONUS_MASTER_KEY_FILE: '/run/secrets/onus' }, { masterKeyFile: '/run/secrets/onus' }],
    ['days for some, in any order', { ONUS_REASSIGN_DAYS: ' other=60, critical=2 ' }, { reassignDays: { critical: 2, production: 14, other: 60 } }],
    ['mail and quiet hours', { ONUS_SMTP_URL: 'smtps://u:p@mail.example.com', ONUS_MAIL_FROM: 'Onus <onus@example.com>', ONUS_QUIET_HOURS: '20:00-07:30 Europe/Berlin' }, { mail: { url: 'smtps://u:p@mail.example.com', from: 'Onus <onus@example.com>' }, quietHours: { from: 1_200, to: 450, zone: 'Europe/Berlin' } }],
    ['a data directory', { ONUS_DATA_DIR: '/srv/onus' }, { dataDir: '/srv/onus' }],
    [
      'all interfaces under a public name',
      { ONUS_HOST: '0.0.0.0', ONUS_PUBLIC_URL: 'https://onus.example.com/x' },
      { host: '0.0.0.0', publicUrl: 'https://onus.example.com' },
    ],
    [
      'a database of one’s own',
      { DATABASE_URL: 'postgresql://u:p@db:5432/onus' },
      { databaseUrl: 'postgresql://u:p@db:5432/onus' },
    ],
    [
      'sign-in with the company’s accounts',
      { ONUS_OIDC_ISSUER: 'https://login.example.com/tenant/', ONUS_OIDC_CLIENT_ID: 'onus' },
      { oidc: OIDC },
    ],
    [
      'an App of GitHub',
      { ONUS_GITHUB_APP_ID: '4711', ONUS_GITHUB_PRIVATE_KEY_FILE: '/run/secrets/app.pem', ONUS_GITHUB_WEBHOOK_SECRET_FILE: '/run/secrets/hook' },
      { github: { appId: 4711, privateKeyFile: '/run/secrets/app.pem', webhookSecretFile: '/run/secrets/hook', api: 'https://api.github.com', allowPrivate: false } },
    ],
    [
      'an App of GitHub Enterprise Server',
      { ...GITHUB, ONUS_GITHUB_API: 'https://github.example.com/api/v3/', ONUS_GITHUB_ALLOW_PRIVATE: 'true' },
      { github: { appId: 4711, privateKeyFile: '/key', webhookSecretFile: '/secret', api: 'https://github.example.com/api/v3', allowPrivate: true } },
    ],
    [
      'an issuer on this machine, with everything said',
      {
        ONUS_OIDC_ISSUER: 'http://127.0.0.1:9000',
        ONUS_OIDC_CLIENT_ID: 'onus',
        ONUS_OIDC_CLIENT_SECRET_FILE: '/run/secrets/oidc',
        ONUS_OIDC_GROUPS_CLAIM: 'https://example.com/groups',
        ONUS_OIDC_USERNAME_CLAIM: 'upn',
        ONUS_OIDC_SCOPES: 'openid  groups',
        ONUS_OIDC_ALLOW_PRIVATE: 'true',
      },
      {
        oidc: {
          issuer: 'http://127.0.0.1:9000',
          clientId: 'onus',
          clientSecretFile: '/run/secrets/oidc',
          groupsClaim: 'https://example.com/groups',
          userNameClaim: 'upn',
          scopes: 'openid groups',
          allowPrivate: true,
        },
      },
    ],
  ]
  for (const [name, env, want] of cases) {
    assert.deepEqual(readConfig(env, '/repo'), { ok: true, config: { ...DEFAULTS, ...want } }, name)
  }
})

test('T74 a wrong setting is named by its variable, and all of them at once', () => {
  const cases: [string, Record<string, string>, string[]][] = [
    ['a port that is no number', { ONUS_PORT: 'http' }, ['ONUS_PORT']],
    ['a port out of range', { ONUS_PORT: '65536' }, ['ONUS_PORT']],
    ['a host name', { ONUS_HOST: 'onus.example.com' }, ['ONUS_HOST']],
    ['another database', { DATABASE_URL: 'mysql://u:p@h/d' }, ['DATABASE_URL']],
    ['a database without a name', { DATABASE_URL: 'postgresql://u:p@h' }, ['DATABASE_URL']],
    ['a public URL that is none', { ONUS_PUBLIC_URL: 'onus.example.com' }, ['ONUS_PUBLIC_URL']],
    ['all interfaces without a public name', { ONUS_HOST: '0.0.0.0' }, ['ONUS_PUBLIC_URL']],
    ['a size of zero', { ONUS_MAX_IMPORT_BYTES: '0' }, ['ONUS_MAX_IMPORT_BYTES']],
    ['a level nobody knows', { ONUS_LOG_LEVEL: 'loud' }, ['ONUS_LOG_LEVEL']],
    ['an issuer without TLS', { ...ISSUER, ONUS_OIDC_ISSUER: 'http://login.example.com' }, ['ONUS_OIDC_ISSUER']],
    ['an issuer on this machine that is not allowed', { ...ISSUER, ONUS_OIDC_ISSUER: 'http://localhost:9000' }, ['ONUS_OIDC_ISSUER']],
    ['an issuer with a password', { ...ISSUER, ONUS_OIDC_ISSUER: 'https://u:p@login.example.com' }, ['ONUS_OIDC_ISSUER']],
    ['an issuer without a client', { ONUS_OIDC_ISSUER: 'https://login.example.com' }, ['ONUS_OIDC_ISSUER']],
    ['a client without an issuer', { ONUS_OIDC_CLIENT_ID: 'onus' }, ['ONUS_OIDC_CLIENT_ID']],
    ['scopes without openid', { ...ISSUER, ONUS_OIDC_SCOPES: 'profile' }, ['ONUS_OIDC_SCOPES']],
    ['a claim that is none', { ...ISSUER, ONUS_OIDC_GROUPS_CLAIM: 'my groups' }, ['ONUS_OIDC_GROUPS_CLAIM']],
    ['a yes that is not true', { ...ISSUER, ONUS_OIDC_ALLOW_PRIVATE: 'yes' }, ['ONUS_OIDC_ALLOW_PRIVATE']],
    ['an App that is no number', { ...GITHUB, ONUS_GITHUB_APP_ID: 'onus' }, ['ONUS_GITHUB_APP_ID']],
    ['an App without a key', { ...GITHUB, ONUS_GITHUB_PRIVATE_KEY_FILE: '' }, ['ONUS_GITHUB_APP_ID']],
    ['an App without the secret of its webhook', { ...GITHUB, ONUS_GITHUB_WEBHOOK_SECRET_FILE: '' }, ['ONUS_GITHUB_APP_ID']],
    ['a key without an App', { ONUS_GITHUB_PRIVATE_KEY_FILE: '/key' }, ['ONUS_GITHUB_PRIVATE_KEY_FILE']],
    ['an API without TLS', { ...GITHUB, ONUS_GITHUB_API: 'http://github.example.com/api/v3' }, ['ONUS_GITHUB_API']],
    ['an API with a password', { ...GITHUB, ONUS_GITHUB_API: 'https://u:p@github.example.com' }, ['ONUS_GITHUB_API']],
    [
      'several',
      { ONUS_PORT: '-1', ONUS_LOG_LEVEL: 'loud', DATABASE_URL: 'x' },
      ['ONUS_PORT', 'DATABASE_URL', 'ONUS_LOG_LEVEL'],
    ],
  ]
  for (const [name, env, want] of cases) {
    const reading = readConfig(env, '/repo')
    assert.deepEqual(reading.ok ? [] : reading.complaints.map(({ variable }) => variable), want, name)
  }
})

test('T52 a complaint never quotes the value', () => {
  const variables = [
    'ONUS_PORT',
    'ONUS_HOST',
    'ONUS_PUBLIC_URL',
    'DATABASE_URL',
    'ONUS_MAX_IMPORT_BYTES',
    'ONUS_LOG_LEVEL',
    'ONUS_OIDC_ISSUER',
    'ONUS_OIDC_CLIENT_ID',
    'ONUS_OIDC_CLIENT_SECRET_FILE',
    'ONUS_OIDC_SCOPES',
    'ONUS_OIDC_ALLOW_PRIVATE',
    'ONUS_GITHUB_APP_ID',
    'ONUS_GITHUB_PRIVATE_KEY_FILE',
    'ONUS_GITHUB_API',
  ]
  fc.assert(
    fc.property(fc.constantFrom(...variables), fc.stringMatching(/^canary[a-z0-9]{12}$/), (variable, value) => {
      const reading = readConfig({ [variable]: value }, '/repo')
      assert.equal(reading.ok, false)
      assert.ok(!JSON.stringify(reading).includes(value))
    }),
  )
})
