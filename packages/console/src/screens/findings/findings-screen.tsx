import { SegmentedControl } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { Screen } from '../../ui/screen.tsx'
import { RuleGroups } from './rule-groups.tsx'
import { TeamGroups } from './team-groups.tsx'

/** Findings in groups: what is wrong (by rule), or whose it is (by team). */
export function FindingsScreen(): ReactElement {
  const { by } = useSearch({ from: '/shell/findings' })
  const navigate = useNavigate({ from: '/findings' })
  return (
    <Screen
      title={by === 'team' ? 'Findings by team' : 'Findings'}
      heading="Findings"
      fills={by === 'team'}
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Group findings"
          value={by ?? 'rule'}
          data={[
            { value: 'rule', label: 'By rule' },
            { value: 'team', label: 'By team' },
          ]}
          onChange={(next) => void navigate({ search: next === 'team' ? { by: 'team' } : {} })}
        />
      }
    >
      {by === 'team' ? <TeamGroups /> : <RuleGroups />}
    </Screen>
  )
}
