/**
 * Policy documents, however they are written: `jsonencode`, heredoc JSON, or the `aws_iam_policy_document` data
 * source.
 */
import type { Place } from '@onus/core/place.ts'
import type { Draft } from './draft.ts'
import { fieldBlocks, fieldShown, fieldShownTexts, fieldsOf, type Fields } from './fields.ts'
import { fromPlain } from './functions.ts'
import { itemsOf, MAX_TEXT_LENGTH, shownText, type Value } from './value.ts'

export type Principal = { type: string; id: string; refs: Value['refs'] }
export type Condition = { test: string; variable: string; values: string[] }
export type Statement = {
  isAllow: boolean
  actions: string[]
  /** `NotAction`: everything except these. */
  notActions: string[]
  resources: string[]
  isNotResource: boolean
  principals: Principal[]
  conditions: Condition[]
  place: Place
}

/** Documents may include each other, and themselves: so many are opened for one answer. */
const MAX_DOCUMENTS = 500

/** null: the document is not written here, or its text is not JSON. */
export function statementsOf(value: Value | undefined, draft: Draft, opened = { count: 0 }): Statement[] | null {
  if (!value || ++opened.count > MAX_DOCUMENTS) return null
  for (const { address, attribute } of value.refs) {
    const document = draft.instances.get(address)
    if (
      document?.instance.type === 'aws_iam_policy_document' &&
      (attribute === 'json' || attribute === 'minified_json' || attribute === '')
    ) {
      return ofDataSource(document.fields, draft, opened)
    }
  }
  const content = value.data.kind === 'json' ? value.data.value : decoded(value)
  const document = content ? fieldsOf(content) : null
  if (!document) return null
  return fieldBlocks(document, 'Statement').map((statement) => ofJson(statement, document.place))
}

/** A heredoc with holes is still JSON when the holes stand inside strings. */
function decoded(value: Value): Value | null {
  if (value.data.kind === 'map') return value
  const text = value.data.kind === 'unknown' ? null : shownText(value)
  if (text === null || text.length > MAX_TEXT_LENGTH || !text.trimStart().startsWith('{')) return null
  try {
    return fromPlain(JSON.parse(text.replace(/\$\{[^{}]*\}/g, (hole) => JSON.stringify(hole).slice(1, -1))), value)
  } catch {
    return null
  }
}

function ofJson(fields: Fields, fallback: Place): Statement {
  const principal = fields.value('Principal')
  return {
    isAllow: (fieldShown(fields, 'Effect') ?? 'Allow') === 'Allow',
    actions: fieldShownTexts(fields, 'Action'),
    notActions: fieldShownTexts(fields, 'NotAction'),
    resources: [...fieldShownTexts(fields, 'Resource'), ...fieldShownTexts(fields, 'NotResource')],
    isNotResource: fields.value('NotResource') !== undefined,
    principals: principal ? principalsOfJson(principal) : [],
    conditions: conditionsOfJson(fields),
    place: fields.place.line > 0 ? fields.place : fallback,
  }
}

function principalsOfJson(value: Value): Principal[] {
  const types = fieldsOf(value)
  if (!types) return itemsOf(value).flatMap((item) => principal('AWS', item))
  return types.names().flatMap((type) => itemsOf(types.value(type)).flatMap((item) => principal(type, item)))
}

function principal(type: string, value: Value): Principal[] {
  const id = shownText(value)
  return id === null ? [] : [{ type, id, refs: value.refs }]
}

function conditionsOfJson(fields: Fields): Condition[] {
  return fieldBlocks(fields, 'Condition').flatMap((tests) =>
    tests.names().flatMap((test) => {
      const value = tests.value(test)
      const variables = value ? fieldsOf(value) : null
      return variables
        ? variables.names().map((variable) => ({ test, variable, values: fieldShownTexts(variables, variable) }))
        : []
    }),
  )
}

function ofDataSource(fields: Fields, draft: Draft, opened: { count: number }): Statement[] {
  const included = ['source_policy_documents', 'override_policy_documents', 'source_json', 'override_json']
    .flatMap((name) => itemsOf(fields.value(name)))
    .flatMap((value) => statementsOf(value, draft, opened) ?? [])
  return [...included, ...fieldBlocks(fields, 'statement').map(statementOf)]
}

/** Arguments as the data source names them; module arguments that take statements use the same names. */
export function statementOf(fields: Fields): Statement {
  return {
    isAllow: (fieldShown(fields, 'effect') ?? 'Allow') === 'Allow',
    actions: fieldShownTexts(fields, 'actions'),
    notActions: fieldShownTexts(fields, 'not_actions'),
    resources: [...fieldShownTexts(fields, 'resources'), ...fieldShownTexts(fields, 'not_resources')],
    isNotResource: fields.value('not_resources') !== undefined,
    principals: fieldBlocks(fields, 'principals').flatMap((block) =>
      itemsOf(block.value('identifiers')).flatMap((item) => principal(fieldShown(block, 'type') ?? 'AWS', item)),
    ),
    conditions: fieldBlocks(fields, 'condition').map((block) => ({
      test: fieldShown(block, 'test') ?? '',
      variable: fieldShown(block, 'variable') ?? '',
      values: fieldShownTexts(block, 'values'),
    })),
    place: fields.place,
  }
}

/** `StringEquals aws:SourceVpc vpc-1 and …`, for people. */
export function conditionText(conditions: readonly Condition[]): string | null {
  return conditions.length === 0
    ? null
    : conditions.map(({ test, variable, values }) => `${test} ${variable} ${values.join(', ')}`).join(' and ')
}
