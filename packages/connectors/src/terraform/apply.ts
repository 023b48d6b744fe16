/** Applies one directory in thought: expands calls and instances, then asks the providers' readers in rounds. */
import type { Observation, Unread } from '@onus/core/observation.ts'
import { resolvePath } from '../files/paths.ts'
import type { Block } from './ast.ts'
import { observeAccess } from './aws-access.ts'
import { aws } from './aws.ts'
import { azure } from './azure.ts'
import { defineCall, describeFollowed, kindOfCall, linkCall, type CallIdentity } from './calls.ts'
import { Draft, type Handler, type Handlers, type Provider, type Resource } from './draft.ts'
import { fieldText } from './fields.ts'
import { Frame, MAX_INSTANCES, type Instance, type World } from './frame.ts'
import type { Files } from './functions-files.ts'
import { github, githubTeams } from './github.ts'
import { google, googleBinding } from './google.ts'
import { kubernetes } from './kubernetes.ts'
import type { Module } from './module.ts'
import { readSource } from './module-kinds.ts'
import { oauth } from './oauth.ts'
import { stores } from './stores.ts'
import { Budget, Exhausted } from './value.ts'

const PROVIDERS: readonly Provider[] = [aws, google, azure, github, oauth, kubernetes]
const DEFINES = merged(PROVIDERS.map((provider) => provider.defines))
const PROVES = merged(PROVIDERS.map((provider) => provider.proves))
const LINKS = merged(PROVIDERS.map((provider) => provider.links))
/** What refers to identities of any other round. */
const LAST = merged([stores, githubTeams])

/** A map, because a resource type is a text that anybody may choose. */
function merged(handlers: readonly Handlers[]): ReadonlyMap<string, Handler> {
  return new Map(handlers.flatMap((one) => Object.entries(one)))
}

/** Less than a second of work; the largest real directories need a hundredth of it. */
const MAX_STEPS = 1_000_000
/** Calls within calls, and all of them together. */
const MAX_CALL_DEPTH = 12
const MAX_FRAMES = 2_000
const MAX_CALLS = 5_000
const NOT_FOLLOWED =
  `not every call is followed: they go in a circle, more than ${MAX_CALL_DEPTH} deep, ` +
  `or there are more than ${MAX_FRAMES}`

type Visit = { frame: Frame; site: Resource['place'] | null }

/** The modules of the estate, by directory. */
export type Modules = Files & { get(directory: string): Module | null }

export function applyDirectory(root: Module, modules: Modules): { observations: Observation[]; unread: Unread[] } {
  const draft = new Draft(root.directory)
  const unread: Unread[] = []
  const budget = new Budget(MAX_STEPS)
  const world: World = { budget, files: modules, root: root.directory }
  const rootFrame = new Frame(root, world)
  try {
    const plan = expand(rootFrame, { modules, world, unread })
    readInRounds(draft, rootFrame, plan)
    for (const { frame } of plan.visits)
      for (const cut of frame.cuts)
        unread.push({ ...cut, reason: `more than ${MAX_INSTANCES} instances: the rest are not listed` })
  } catch (error) {
    if (!(error instanceof Exhausted)) throw error
    const first = [...root.blocks.values(), ...root.calls, ...root.locals.values()][0]
    unread.push({
      file: first?.file ?? root.directory,
      line: 1,
      reason: `${error.message}: what its directory makes is listed in part`,
    })
  }
  return { observations: draft.observations, unread }
}

type Plan = {
  visits: Visit[]
  /** `prefix`: before the addresses of what the call makes. */
  calls: { instance: Instance; frame: Frame; site: Resource['place'] | null; isFollowed: boolean; prefix: string }[]
}

type Expansion = { modules: Modules; world: World; unread: Unread[] }

function expand(rootFrame: Frame, { modules, world, unread }: Expansion): Plan {
  const plan: Plan = { visits: [], calls: [] }
  const refused = new Set<Block>()
  const queue: (Visit & { path: readonly Module[] })[] = [{ frame: rootFrame, site: null, path: [rootFrame.module] }]
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { frame, site, path } = next
    plan.visits.push({ frame, site })
    for (const call of frame.module.calls) {
      for (const instance of plan.calls.length < MAX_CALLS ? frame.instancesOf(call) : []) {
        const target = localModule(instance, frame, modules)
        const isFollowed =
          target !== null &&
          !path.includes(target) &&
          path.length <= MAX_CALL_DEPTH &&
          plan.visits.length + queue.length < MAX_FRAMES
        const prefix = frame.module.isWrapper ? '' : `${instance.address}.`
        plan.calls.push({ instance, frame, site, isFollowed, prefix })
        if (target && !isFollowed) refused.add(call)
        if (!target || !isFollowed) continue
        const child = new Frame(target, world, { prefix, inputs: instance.fields })
        frame.children.set(instance.address, child)
        queue.push({ frame: child, site: site ?? instance.fields.place, path: [...path, target] })
      }
      if (plan.calls.length >= MAX_CALLS) refused.add(call)
    }
  }
  for (const { file, line } of refused)
    unread.push({
      file,
      line,
      reason: NOT_FOLLOWED,
    })
  return plan
}

function localModule(instance: Instance, frame: Frame, modules: Modules): Module | null {
  const source = fieldText(instance.fields, 'source')
  const read = source === null ? null : readSource(source)
  const directory = read?.kind === 'local' ? resolvePath(frame.module.directory, read.path) : null
  return directory === null ? null : modules.get(directory)
}

function readInRounds(draft: Draft, root: Frame, plan: Plan): void {
  const resources: { resource: Resource; site: Resource['place'] | null }[] = []
  for (const { frame, site } of plan.visits) {
    for (const block of frame.module.blocks.values()) {
      for (const instance of frame.instancesOf(block)) {
        const resource = resourceOf(instance, root, draft)
        draft.instances.set(instance.address, resource)
        if (block.type === 'resource') resources.push({ resource, site })
      }
    }
  }
  const round = (handlers: ReadonlyMap<string, Handler>): void => {
    for (const { resource, site } of resources) {
      draft.site = site
      handlers.get(resource.instance.type)?.(resource)
    }
  }
  round(DEFINES)
  const calls = defineCalls(draft, root, plan)
  round(PROVES)
  for (const { resource, site } of resources) {
    draft.site = site
    googleBinding(resource.instance.type)?.(resource)
  }
  round(LINKS)
  round(LAST)
  for (const call of calls) linkCall(call)
  observeAccess(draft)
}

function defineCalls(draft: Draft, root: Frame, plan: Plan): CallIdentity[] {
  return plan.calls.flatMap(({ instance, frame, site, isFollowed, prefix }) => {
    const resource = resourceOf(instance, root, draft)
    draft.site = site
    if (isFollowed && (draft.identitiesUnder(prefix).length > 0 || callsOthers(frame, instance))) {
      describeFollowed(resource, prefix)
      return []
    }
    const kind = kindOfCall(resource, frame.module.directory)
    return kind === null ? [] : defineCall(resource, kind)
  })
}

/** A wrapper around other people's modules makes its identities through them. */
function callsOthers(frame: Frame, instance: Instance): boolean {
  return (frame.children.get(instance.address)?.module.calls.length ?? 0) > 0
}

function resourceOf(instance: Instance, root: Frame, draft: Draft): Resource {
  return {
    instance,
    fields: instance.fields,
    address: instance.address,
    label: instance.label,
    place: instance.fields.place,
    frame: root,
    draft,
  }
}
