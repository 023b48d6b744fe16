/** Escalation paths that a policy document opens by itself, in an account about which nothing is known. */
import { ANY_NAME, anyArn } from './aws-account.ts'
import { ESCALATION_PATHS, type EscalationPath } from './aws-escalation-paths.ts'
import {
  DENIED,
  decide,
  decideSomewhere,
  mayAllow,
  stronger,
  weaker,
  type Decision,
  type Power,
  type Statement,
} from './aws-policy.ts'

export type DocumentEscalation = {
  id: string
  permissions: string[]
  verdict: 'allowed' | 'conditional'
  condition: string | null
}

/** `allowed` where the document restricts nothing, `conditional` where it names targets: those may be harmless. */
export function escalationsOfDocument(statements: readonly Statement[]): DocumentEscalation[] {
  const power: Power = { statements, boundary: null, context: new Map() }
  return ESCALATION_PATHS.flatMap((path) => {
    let best: { permissions: string[]; decision: Decision } = { permissions: [], decision: DENIED }
    for (const way of path.ways) {
      const permissions = path.method === 'pass-role' ? ['iam:PassRole', ...way] : [...way]
      if (!permissions.every((action) => mayAllow(power, action))) continue
      const decision = permissions.map((action) => openTo(power, path, action)).reduce(weaker)
      if (stronger(best.decision, decision) !== best.decision) best = { permissions, decision }
    }
    const { verdict, condition } = best.decision
    return verdict === 'denied' ? [] : [{ id: path.id, permissions: best.permissions, verdict, condition }]
  })
}

function openTo(power: Power, path: EscalationPath, action: string): Decision {
  const extra = action === 'iam:PassRole' ? new Map([['iam:passedtoservice', path.service ?? '']]) : undefined
  // What a service makes anew may get any name, so one name is as good as all.
  if (path.method === 'pass-role' && extra === undefined) return decideSomewhere(power, action)
  const anywhere = decide(power, action, anyTarget(action), extra)
  if (anywhere.verdict === 'allowed') return anywhere
  const named: Decision = { verdict: 'conditional', condition: 'what it names is more powerful than itself' }
  return stronger(anywhere, weaker(decideSomewhere(power, action, extra), named))
}

/** IAM's targets by the noun in the action, every other service by an ARN of its own: only `*` covers it. */
function anyTarget(action: string): string {
  const [service = '', name = ''] = action.split(':')
  if (service !== 'iam' && service !== 'sts') return `arn:aws:${service}:any-region:any-account:${ANY_NAME}`
  if (/Role/.test(name)) return anyArn('any-account', 'role')
  if (/Group/.test(name)) return anyArn('any-account', 'group')
  return anyArn('any-account', /PolicyVersion/.test(name) ? 'policy' : 'user')
}
