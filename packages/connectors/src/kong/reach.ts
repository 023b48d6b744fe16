/** What a group of consumers may call: the services and routes whose `acl` plugin allows it. */
import { isRecord, mapAt, textOf, textsOf } from '../ci/scalars.ts'
import { recordsAt } from './records.ts'

export class Reach {
  readonly #targets = new Map<string, Set<string>>()

  /** Learns from one file of the gateway; plugins stand in services, in routes, or at the top with a reference. */
  learn(config: Record<string, unknown>): void {
    this.#plugins(config, null)
    for (const service of recordsAt(config, 'services')) {
      this.#plugins(service, `service ${nameOf(service)}`)
      for (const route of recordsAt(service, 'routes')) this.#plugins(route, `route ${nameOf(route)}`)
    }
    for (const route of recordsAt(config, 'routes')) this.#plugins(route, `route ${nameOf(route)}`)
  }

  ofAclGroup(name: string): string {
    return this.#of(`acl ${name}`)
  }

  ofConsumerGroup(name: string): string {
    return this.#of(`consumers ${name}`)
  }

  #of(key: string): string {
    const targets = this.#targets.get(key)
    return targets ? [...targets].join(', ') : 'gateway'
  }

  #plugins(owner: Record<string, unknown>, target: string | null): void {
    for (const plugin of recordsAt(owner, 'plugins')) {
      if (plugin['name'] !== 'acl' || plugin['enabled'] === false) continue
      const config = mapAt(plugin, 'config')
      const where = target ?? referenceOf(plugin, 'route') ?? referenceOf(plugin, 'service') ?? 'all services'
      for (const group of Array.isArray(config['allow']) ? textsOf(config['allow']) : []) {
        this.#add(`acl ${group}`, where)
        if (config['include_consumer_groups'] === true) this.#add(`consumers ${group}`, where)
      }
    }
  }

  #add(key: string, target: string): void {
    const targets = this.#targets.get(key)
    if (targets) targets.add(target)
    else this.#targets.set(key, new Set([target]))
  }
}

function nameOf(entity: Record<string, unknown>): string {
  return textOf(entity['name']) ?? textOf(entity['id']) ?? 'without a name'
}

/** `route: checkout` or `route: { name: checkout }`. */
function referenceOf(plugin: Record<string, unknown>, kind: 'service' | 'route'): string | null {
  const reference = plugin[kind]
  const name = isRecord(reference) ? nameOf(reference) : textOf(reference)
  return name === null ? null : `${kind} ${name}`
}
