/** Who one is here: the role that the navigation names, and where it begins its day. */
import type { Reply } from '../api.ts'
import { legible } from '../ui/legible.ts'

type Session = Reply<'session'>
type Start = '/' | '/queue' | '/guardrails' | '/ledger'

/** The power that says most about the day; whoever holds none answers for their teams. */
function roleOf({ powers, teams }: Session): 'auditor' | 'security' | 'platform' | 'owner' | 'reader' {
  if (powers.includes('audit')) return 'auditor'
  if (powers.includes('guard')) return 'security'
  if (powers.includes('operate')) return 'platform'
  return teams.length > 0 ? 'owner' : 'reader'
}

const STARTS: Record<ReturnType<typeof roleOf>, Start> = { auditor: '/ledger', security: '/guardrails', platform: '/', owner: '/queue', reader: '/' }

export function startOf(session: Session): Start {
  return STARTS[roleOf(session)]
}

/** `Security: guards the limits` */
export function roleWords(session: Session): string {
  switch (roleOf(session)) {
    case 'auditor':
      return 'Auditor: reads everything, changes nothing'
    case 'security':
      return 'Security: guards the limits'
    case 'platform':
      return 'Platform: operates sources and tooling'
    case 'owner':
      return `Answers for ${legible(session.teams.map(({ name }) => name).join(', '))}`
    case 'reader':
      return 'Reads; belongs to no team'
  }
}
