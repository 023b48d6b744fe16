import { ActionIcon, CopyButton } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import type { ReactElement } from 'react'
import { formatPlace } from '@onus/core/place.ts'
import type { Place } from '@onus/core/place.ts'
import { legible } from './legible.ts'
import css from './evidence.module.css'

/** Where it is written: `file:line`, shortened at the front so that the file's name stays visible, and copied whole. */
export function PlaceText({ place }: { place: Place }): ReactElement {
  const text = formatPlace(place)
  const shown = legible(text)
  const cut = shown.lastIndexOf('/') + 1
  return (
    <span className={css['place']} title={shown}>
      <span className={css['folder']}>
        <bdi>{shown.slice(0, cut)}</bdi>
      </span>
      <bdi className={css['file']}>{shown.slice(cut)}</bdi>
      <CopyText text={text} what={shown} />
    </span>
  )
}

/** Copies `text`; `what` names it for those who only hear the button. */
export function CopyText({ text, what }: { text: string; what: string }): ReactElement {
  return (
    <CopyButton value={text} timeout={1_500}>
      {({ copied, copy }) => (
        <ActionIcon
          variant="subtle"
          color="gray"
          size={24}
          className={css['copy']}
          onClick={copy}
          aria-label={copied ? 'Copied' : `Copy ${what}`}
        >
          {copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
        </ActionIcon>
      )}
    </CopyButton>
  )
}

/** The places behind a statement; beyond a few, how many more there are. */
export function EvidenceList({ places, most = 3 }: { places: readonly Place[]; most?: number }): ReactElement | null {
  if (places.length === 0) return null
  const left = places.length - most
  return (
    <ul className={css['list']} aria-label="Evidence">
      {places.slice(0, most).map((place, index) => (
        <li key={`${index} ${place.file}:${place.line}`}>
          <PlaceText place={place} />
        </li>
      ))}
      {left > 0 && <li className="faint small">and {left} more</li>}
    </ul>
  )
}
