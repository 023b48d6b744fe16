import { Kbd, Modal, Switch } from '@mantine/core'
import type { ReactElement } from 'react'
import { useSingleKeys } from '../ui/shortcuts.ts'
import { StateBadge } from '../ui/state-badge.tsx'
import { STATE_ORDER, STATE_WORDS } from '../ui/words.ts'
import css from './help-dialog.module.css'

const KEYS: [keys: string[], does: string][] = [
  [['Ctrl', 'K'], 'search everything, go anywhere (⌘ K on a Mac)'],
  [['/'], 'search in this list'],
  [['j'], 'next row'],
  [['k'], 'previous row'],
  [['Enter'], 'open the row'],
  [['g', 'o'], 'overview'],
  [['g', 'i'], 'identities'],
  [['g', 'f'], 'findings'],
  [['g', 't'], 'teams'],
  [['g', 's'], 'sources'],
  [['g', 'q'], 'my queue'],
  [['g', 'c'], 'changes'],
  [['g', 'l'], 'ledger'],
  [['?'], 'this help'],
]

export function HelpDialog({ isOpen, onClose }: { isOpen: boolean; onClose(): void }): ReactElement {
  const [isOn, setOn] = useSingleKeys()
  return (
    <Modal opened={isOpen} onClose={onClose} title="Help" size="lg" closeButtonProps={{ 'aria-label': 'Close help' }}>
      <div className={css['columns']}>
        <section>
          <h2>Keys</h2>
          <dl className={css['keys']}>
            {KEYS.map(([keys, does]) => (
              <div key={does}>
                <dt>
                  {keys.map((key) => (
                    <Kbd key={key} size="xs">
                      {key}
                    </Kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          <Switch
            size="sm"
            label="Single keys are on"
            description="Switch off when you dictate or use another tool with such keys."
            checked={isOn}
            onChange={(event) => setOn(event.currentTarget.checked)}
          />
        </section>
        <section>
          <h2>States</h2>
          <dl className={css['states']}>
            {STATE_ORDER.map((state) => (
              <div key={state}>
                <dt>
                  <StateBadge state={state} />
                </dt>
                <dd>{STATE_WORDS[state].meaning}</dd>
              </div>
            ))}
          </dl>
          <p className="soft small">
            A scan sees statements, not acceptances: it answers claimed, split or unowned. What a rule lacked the facts to
            judge is counted apart as “could not be judged”, never as fine.
          </p>
        </section>
      </div>
    </Modal>
  )
}
