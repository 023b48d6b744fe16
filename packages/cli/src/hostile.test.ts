/** Names, values and files of an estate that was written against us, through every format. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { ScanReport } from '@onus/core/report.ts'
import { FORMATS } from './output/index.ts'
import { onus } from './testing/capture.ts'
import { withEstate } from './testing/estate-folder.ts'

const PAYLOADS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  'javascript:alert(1)',
  '</style><svg onload=alert(1)>',
  '{{constructor}}',
  'a\u001b[2Jb',
  'a\u009b31mb',
  'a\u202egnp.exe',
  '=HYPERLINK("http://x.example")',
  '\u001b]8;;http://x.example\u0007link\u001b]8;;\u0007',
  '&lt;b&gt;',
  '${7*7}',
  '`id`',
  '$(id)',
]

function hostileEstate(): Record<string, string> {
  const accounts = PAYLOADS.map((payload, index) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name: `sa ${payload}`,
        namespace: `ns ${payload}`,
        annotations: {
          'lumen.example/owner': `${payload} ${index}`,
          'lumen.example/team-name': payload,
          [`lumen.example/${payload}`]: payload,
          'lumen.example/purpose': payload,
        },
      },
    }),
  )
  return {
    'accounts.yaml': accounts.join('\n---\n'),
    '<img src=x onerror=alert(1)>/"quoted".yaml':
      'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: in-odd-folder, namespace: x }\n---\n"unclosed',
    CODEOWNERS: '* @lumen/<script>alert(1)</script>\n',
    'user.tf': `resource "aws_iam_user" "u" {\n  name = "<script>alert(1)</script>"\n  tags = { owner = "\\"><img src=x onerror=alert(1)>" }\n}\n`,
  }
}

/** What moves a cursor, starts a sequence or reorders text. White space between words of our own is fine. */
const ACTING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]/

for (const format of FORMATS) {
  test(`T46 T47: hostile names stay text in ${format}`, () =>
    withEstate(hostileEstate(), async (root) => {
      const { code, stdout, stderr } = await onus(['scan', root, '--format', format], { columns: 100 })
      assert.equal(code, 0, stderr)
      assert.doesNotMatch(stdout + stderr, ACTING)
      if (format === 'json')
        assert.ok(
          ScanReport.parse(JSON.parse(stdout)).identities.some((one) => one.name === `sa ${PAYLOADS[6]}`),
          'JSON keeps the name as it is',
        )
      if (format === 'sarif') JSON.parse(stdout)
      if (format !== 'html') return
      assert.match(
        stdout,
        /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'/,
      )
      const tags = new Set([...stdout.matchAll(/<\/?([a-z!][a-z0-9]*)/gi)].map((match) => match[1]?.toLowerCase()))
      for (const tag of ['script', 'img', 'svg', 'iframe', 'object', 'form', 'link', 'base'])
        assert.ok(!tags.has(tag), `<${tag}> in the page`)
      assert.doesNotMatch(stdout, /<[^>]*\son\w+\s*=/i)
      assert.deepEqual(
        [...stdout.matchAll(/href="([^"]*)"/g)].filter((match) => !match[1]?.startsWith('#')),
        [],
        'a page without any link out',
      )
    }))
}

/** A value that no reader may keep, in a form that each format takes for a secret. */
function canary(index: number): string {
  return `CANARY${String(index).padStart(3, '0')}x9Qf2LrTz8`
}

function secretEstate(): Record<string, string> {
  let next = 0
  const secret = (): string => canary(next++)
  const base64 = (): string => Buffer.from(secret()).toString('base64')
  const files: Record<string, string> = {}
  for (let i = 0; i < 10; i++) {
    files[`k8s/secret-${i}.yaml`] =
      `apiVersion: v1\nkind: Secret\nmetadata: { name: token-${i}, namespace: a, annotations: { kubernetes.io/service-account.name: sa } }\ntype: kubernetes.io/service-account-token\ndata: { token: ${base64()} }\nstringData: { password: "${secret()}" }\n`
    files[`k8s/broken-${i}.yaml`] =
      `apiVersion: v1\nkind: Secret\nmetadata: { name: x }\nstringData:\n  password: "${secret()}\n  other: ${secret()}: [\n`
    files[`k8s/workload-${i}.yaml`] =
      `apiVersion: v1\nkind: Pod\nmetadata: { name: p${i}, namespace: a }\nspec: { containers: [{ name: c, env: [{ name: PASSWORD, value: "${secret()}" }] }] }\n`
    files[`tf/${i}/main.tf`] =
      `resource "aws_iam_user" "u" {\n  name = "u${i}"\n}\nresource "keycloak_openid_client" "c" {\n  client_id = "c${i}"\n  client_secret = "${secret()}"\n}\nresource "github_actions_secret" "s" {\n  repository = "r"\n  secret_name = "S"\n  plaintext_value = "${secret()}"\n}\nvariable "db_password" {\n  default = "${secret()}"\n}\nresource "kubernetes_secret" "s" {\n  metadata {\n    name = "s"\n  }\n  data = {\n    token = "${secret()}"\n  }\n}\n`
    files[`tf/${i}/terraform.tfvars`] = `api_key = "${secret()}"\n`
    files[`tf/${i}/broken.tf`] =
      `resource "okta_api_token" "t" {\n  token = "${secret()}\n  password = ${secret()} = {\n`
    files[`ci/${i}/.github/workflows/w.yml`] =
      `on: push\njobs:\n  j:\n    runs-on: x\n    env:\n      AWS_SECRET_ACCESS_KEY: ${secret()}\n      TOKEN: \${{ secrets.T${i} }}\n    steps:\n      - run: curl -H "Authorization: ${secret()}"\n`
    files[`gitlab/${i}/.gitlab-ci.yml`] =
      `variables:\n  AWS_SECRET_ACCESS_KEY: "${secret()}"\njob:\n  variables: { DB_PASSWORD: "${secret()}" }\n  script: [ "deploy --token ${secret()}" ]\n`
    files[`kong/${i}.yaml`] =
      `_format_version: "3.0"\nconsumers:\n  - username: c${i}\n    keyauth_credentials: [{ key: ${secret()} }]\n    basicauth_credentials: [{ username: u, password: ${secret()} }]\n    jwt_secrets: [{ key: k, secret: ${secret()} }]\n`
    files[`aws/${i}/credentials.json`] = JSON.stringify({
      UserDetailList: [
        {
          UserName: `u${i}`,
          Arn: 'arn:aws:iam::111122223333:user/u',
          SecretAccessKey: secret(),
          Tags: [{ Key: 'Password', Value: secret() }],
        },
      ],
      RoleDetailList: [],
      GroupDetailList: [],
      Policies: [],
    })
  }
  assert.ok(next >= 200, `${next} canaries`)
  files['canaries'] = String(next)
  return files
}

test('T52: of two hundred secrets planted in every kind of file none is in any output, nor in what could not be read', () =>
  withEstate(secretEstate(), async (root) => {
    for (const format of FORMATS) {
      const { code, stdout, stderr } = await onus(['scan', root, '--format', format])
      assert.equal(code, 0, stderr)
      const leaked = new Set((stdout + stderr).match(/CANARY\d{3}/g))
      for (let i = 0; i < 260; i++)
        if ((stdout + stderr).includes(Buffer.from(canary(i)).toString('base64'))) leaked.add(`base64 of ${i}`)
      assert.deepEqual([...leaked], [], format)
      assert.match(stdout, /broken/, 'the broken files are told of')
    }
    const suggested = await onus(['conventions', 'suggest', root])
    assert.doesNotMatch(suggested.stdout + suggested.stderr, /CANARY/)
  }))

test('nothing an estate names is executed, fetched or written', () =>
  withEstate(
    {
      '.git/config': '[core]\n\tfsmonitor = "touch executed"\n\tpager = "touch executed"\n',
      '.git/HEAD': 'ref: refs/heads/main\n',
      'a.yaml':
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a, namespace: b }\nx: !!js/function \"function () { require('fs').writeFileSync('executed', '') }\"\n",
      'main.tf':
        'data "external" "x" {\n  program = ["touch", "executed"]\n}\nresource "null_resource" "x" {\n  provisioner "local-exec" {\n    command = "touch executed"\n  }\n}\nresource "aws_iam_user" "u" {\n  name = file("/etc/hostname")\n}\n',
      'package.json': '{"scripts":{"preinstall":"touch executed"}}',
      'onus.conventions.js': 'require("fs").writeFileSync("executed", "")',
    },
    async (root) => {
      const before = process.cwd()
      mkdirSync(join(root, 'cwd'))
      process.chdir(join(root, 'cwd'))
      try {
        const done = await onus(['scan', root, '--format', 'json'])
        assert.equal(done.code, 0, done.stderr)
      } finally {
        process.chdir(before)
      }
      for (const place of ['executed', 'cwd/executed']) assert.equal(existsSync(join(root, place)), false)
    },
  ))

test('output through a full or vanished place leaves the old report and no leftovers', () =>
  withEstate(
    { 'a.yaml': 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a, namespace: b }\n' },
    async (root) => {
      const out = join(root, 'report.json')
      writeFileSync(out, 'old')
      const full = await onus(['scan', root, '--out', '/dev/full', '--format', 'json'])
      assert.equal(full.code, 3)
      assert.match(full.stderr, /cannot write \/dev\/full \(ENOSPC\)/)
      rmSync(out)
    },
  ))
