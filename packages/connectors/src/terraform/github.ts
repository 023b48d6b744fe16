/**
 * GitHub as Terraform manages it: secrets of repositories, organisations and environments, deploy keys, app
 * installations.
 */
import type { ControlObserved, IdentityRef } from '@onus/core/observation.ts'
import type { Draft, Handlers, Provider, Resource } from './draft.ts'
import { fieldFlag, fieldPlace, fieldShown, fieldShownTexts, fieldText } from './fields.ts'
import { textOf, type Value } from './value.ts'

const VALUES = ['plaintext_value', 'encrypted_value', 'value', 'value_encrypted']

/** Where a secret is kept, in words that say who can read it there. */
function placeOfSecret({ fields, instance }: Resource): { holder: string; name: string } {
  const name = fieldShown(fields, 'secret_name') ?? fieldShown(fields, 'name') ?? 'a secret'
  const kind = instance.type.includes('dependabot')
    ? 'Dependabot '
    : instance.type.includes('codespaces')
      ? 'Codespaces '
      : ''
  const repository = fieldShown(fields, 'repository')
  if (instance.type.includes('organization')) return { holder: `${kind}organization secrets`, name }
  const environment = fieldShown(fields, 'environment')
  return {
    holder: `${repository ?? 'a repository'}${environment === null ? '' : ` environment ${environment}`}`,
    name: `${kind}${name}`,
  }
}

/**
 * A secret that hands on another identity's credential only adds a place where that is kept; any other is the
 * pipeline's own.
 */
function linkSecret(resource: Resource): void {
  const { fields, draft, address, place } = resource
  const { holder, name } = placeOfSecret(resource)
  const kept = { kind: 'github-secret' as const, name: `${holder}: ${name}` }
  const refs = VALUES.flatMap((argument) => fields.value(argument)?.refs ?? [])
  if (draft.keep(refs, kept)) return
  // What is read from an identity and is no credential (its id, its ARN) is no secret of the pipeline either.
  if (refs.some((ref) => draft.identityAt(ref.address) !== null)) return
  draft.prove(address, pipelineOf(resource, holder), { kind: 'ci-secret', name, place, kept: [kept] })
}

/** One identity for all secrets of a repository, or of an organisation. */
function pipelineOf(resource: Resource, holder: string): IdentityRef {
  const { fields, draft, instance } = resource
  const repository = instance.type.includes('organization') ? null : fieldText(fields, 'repository')
  const name =
    repository ??
    (instance.type.includes('organization') ? 'organization' : (fieldShown(fields, 'repository') ?? holder))
  const known = draft.identityAt(`github/${name}`)
  if (known) return known
  return draft.define(
    { ...resource, address: `github/${name}` },
    {
      kind: 'ci-workload',
      name,
      ...(repository === null ? {} : { creates: { system: 'github', realm: '', name: repository, namespace: null } }),
    },
  )
}

function defineDeployKey(resource: Resource): void {
  const { fields, label, draft, address, place } = resource
  const repository = fieldShown(fields, 'repository') ?? ''
  const title = fieldShown(fields, 'title') ?? label
  const identity = draft.define(resource, { kind: 'service-account', name: `deploy key ${title}` })
  draft.prove(address, identity, {
    kind: 'ssh-key',
    name: title,
    place,
    neverExpires: true,
    revocation: `delete the deploy key with: terraform destroy -target='${address}'`,
  })
  const isReadOnly = fieldFlag(fields, 'read_only')
  draft.add({
    type: 'grant',
    identity,
    permission: isReadOnly === false ? 'push to the repository' : 'read the repository',
    resource: repository,
    level: isReadOnly === false ? 'write' : 'read',
    isWildcard: false,
    via: address,
    place: fieldPlace(fields, 'read_only'),
  })
}

/** Installations are known here by their number only; all repositories of one number belong to one app. */
function linkInstallation(resource: Resource): void {
  const { fields, draft, address, place } = resource
  const installation = fieldShown(fields, 'installation_id') ?? resource.label
  const identity =
    draft.identityAt(`github/installation/${installation}`) ??
    draft.define(
      { ...resource, address: `github/installation/${installation}` },
      {
        kind: 'third-party',
        name: `GitHub App installation ${installation}`,
        isThirdParty: true,
      },
    )
  const repositories = [...fieldShownTexts(fields, 'repository'), ...fieldShownTexts(fields, 'selected_repositories')]
  for (const repository of repositories) {
    draft.add({
      type: 'grant',
      identity,
      permission: 'access as the app was granted',
      resource: repository,
      level: 'unknown',
      isWildcard: false,
      via: address,
      place,
    })
  }
}

/**
 * How the tokens of its pipelines name the repository to clouds; the trust on the other side is written against this.
 */
function linkSubjectTemplate(resource: Resource): void {
  const { fields, draft, place } = resource
  const identity = pipelineOf(resource, 'organization')
  if (identity.path.startsWith('github/')) {
    const claims =
      fieldFlag(fields, 'use_default') === true ? ['repo', 'context'] : fieldShownTexts(fields, 'include_claim_keys')
    draft.tag(identity, {
      key: 'onus:oidc-subject-claims',
      value: claims.join(', ') || 'default',
      line: place.line,
      file: place.file,
    })
  }
}

/** A team of GitHub is a group of the company, whatever else it is used for. */
function observeTeam({ fields, draft, place }: Resource): void {
  const name = fieldText(fields, 'name')
  if (name) draft.add({ type: 'team', name, contacts: [], members: [], via: 'github', place })
}

/** Who can push can change the workflows, and with them what the repository's pipeline does. */
const POWERS: Readonly<Record<string, ControlObserved['power']>> = { admin: 'admin', maintain: 'write', push: 'write' }

function linkTeam(resource: Resource): void {
  const { fields, draft, address, place } = resource
  const pipeline = draft.identityAt(`github/${fieldText(fields, 'repository') ?? ''}`)
  const permission = fieldText(fields, 'permission') ?? 'pull'
  const power = Object.hasOwn(POWERS, permission) ? POWERS[permission] : undefined
  const team = teamNamed(fields.value('team_id'), draft)
  if (!pipeline || !power || team === null) return
  const over = { kind: 'identity' as const, ref: pipeline }
  const holder = { raw: team, kind: 'group' as const }
  draft.add({ type: 'control', over, holder, power, via: `${permission} (${address})`, place })
}

/** By the team it refers to, else as written: the provider takes a slug too, and a number says nothing. */
function teamNamed(value: Value | undefined, draft: Draft): string | null {
  for (const { address } of value?.refs ?? []) {
    const team = draft.instances.get(address)
    const name = team ? (fieldText(team.fields, 'name') ?? fieldText(team.fields, 'slug')) : null
    if (name !== null) return name
  }
  const text = textOf(value)
  return text === null || /^\d*$/.test(text) ? null : text
}

/** What speaks of pipelines that other resources make known. */
export const githubTeams: Handlers = { github_team_repository: linkTeam }

export const github: Provider = {
  defines: { github_repository_deploy_key: defineDeployKey, github_team: observeTeam },
  proves: {},
  links: {
    github_actions_secret: linkSecret,
    github_actions_organization_secret: linkSecret,
    github_actions_environment_secret: linkSecret,
    github_dependabot_secret: linkSecret,
    github_dependabot_organization_secret: linkSecret,
    github_codespaces_secret: linkSecret,
    github_codespaces_organization_secret: linkSecret,
    github_app_installation_repository: linkInstallation,
    github_app_installation_repositories: linkInstallation,
    github_actions_repository_oidc_subject_claim_customization_template: linkSubjectTemplate,
    github_actions_organization_oidc_subject_claim_customization_template: linkSubjectTemplate,
  },
}
