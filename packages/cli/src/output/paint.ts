/** Colour says what words already say; without it nothing is lost. */
import { styleText } from 'node:util'
import type { Severity } from '@onus/core/finding.ts'
import type { AccountabilityState } from '@onus/core/identity.ts'

type Style = Parameters<typeof styleText>[0]
export type Paint = (style: Style, text: string) => string

export function painter(isColoured: boolean): Paint {
  return isColoured ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text
}

export const SEVERITY_STYLES: Record<Severity, Style> = {
  critical: ['red', 'bold'],
  high: 'red',
  medium: 'yellow',
  low: 'dim',
}
export const STATE_STYLES: Record<AccountabilityState, Style> = {
  accountable: 'green',
  claimed: 'cyan',
  split: 'magenta',
  unowned: 'red',
  lapsed: 'yellow',
}
