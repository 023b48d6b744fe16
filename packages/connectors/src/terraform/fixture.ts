/** Reads made-up Terraform in tests as a scan would. */
import type { Observation, Unread } from '@onus/core/observation.ts'
import { TextFile } from '../files/text-file.ts'
import { readTogether } from '../testing/read-together.ts'
import { terraformReader } from './index.ts'

type Of<T extends Observation['type']> = Extract<Observation, { type: T }>

export class Reading {
  readonly observations: readonly Observation[]
  readonly unread: readonly Unread[]

  constructor(observations: readonly Observation[], unread: readonly Unread[]) {
    this.observations = observations
    this.unread = unread
  }

  all<T extends Observation['type']>(type: T): Of<T>[] {
    return this.observations.filter((one): one is Of<T> => one.type === type)
  }

  /** `kind name`, in order. */
  get identities(): string[] {
    return this.all('identity').map((one) => `${one.kind} ${one.name}`)
  }

  /** `permission @ resource = level`, with `!` for a wildcard. */
  grants(address: string): string[] {
    return this.all('grant')
      .filter((one) => one.identity.path === address)
      .map((one) => `${one.permission} @ ${one.resource} = ${one.level}${one.isWildcard ? '!' : ''}`)
  }

  /** `issuer | audiences | subjects` */
  trusts(address: string): string[] {
    return this.all('trust')
      .filter((one) => one.identity.path === address)
      .map((one) => `${one.issuer} | ${one.audiences.join(' ')} | ${one.subjects.join(' ')}`)
  }

  credentials(address: string): Of<'credential'>[] {
    return this.all('credential').filter((one) => one.identity.path === address)
  }

  tags(address: string): Record<string, string> {
    const identity = this.all('identity').find((one) => one.ref.path === address)
    return Object.fromEntries((identity?.tags ?? []).map((tag) => [tag.key, tag.value]))
  }
}

/** Keys are paths; a single text stands for `infra/main.tf`. */
export async function readFixture(files: string | Record<string, string>): Promise<Reading> {
  const all = typeof files === 'string' ? { 'infra/main.tf': files } : files
  const texts = Object.entries(all).map(([path, text]) => new TextFile(path, text))
  const { observations, unread } = await readTogether(terraformReader, texts)
  return new Reading(observations, unread)
}
