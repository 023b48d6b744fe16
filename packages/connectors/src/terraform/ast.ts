/** Terraform configuration as plain data: what stands in a file, before anything is looked up. */
import type { Value } from './value.ts'

export type Scalar = string | number | boolean | null

/** `line` is 1-based, in the file that holds the expression. */
export type Expr = { line: number } & (
  | { kind: 'literal'; value: Scalar }
  | { kind: 'template'; parts: (string | Expr)[] }
  | { kind: 'list'; items: Expr[] }
  | { kind: 'object'; entries: { key: Expr; value: Expr }[] }
  | { kind: 'name'; name: string }
  | { kind: 'get'; of: Expr; name: string }
  | { kind: 'index'; of: Expr; index: Expr }
  /** `of[*].a.b`: `each` are the steps applied to every element, in order. */
  | { kind: 'splat'; of: Expr; each: (string | Expr)[] }
  | { kind: 'call'; name: string; args: Expr[]; isSpread: boolean }
  | {
      kind: 'for'
      keyName: string | null
      valueName: string
      over: Expr
      key: Expr | null
      result: Expr
      filter: Expr | null
      isGrouped: boolean
    }
  | { kind: 'unary'; operator: string; of: Expr }
  | { kind: 'binary'; operator: string; left: Expr; right: Expr }
  | { kind: 'conditional'; test: Expr; yes: Expr; no: Expr }
  /** Nested too deeply, or a template directive: its value is never guessed. */
  | { kind: 'opaque' }
  /** Worked out before: an argument that a tool passes on. */
  | { kind: 'value'; value: Value }
)

export type Attribute = { name: string; value: Expr; line: number }

export type Block = {
  type: string
  labels: string[]
  attributes: Map<string, Attribute>
  blocks: Block[]
  file: string
  line: number
}

export type Problem = { line: number; reason: string }

/** One file. `attributes` are those outside any block: the assignments of a tfvars file. */
export type Syntax = { blocks: Block[]; attributes: Map<string, Attribute>; problems: Problem[] }

export const MAX_NESTING = 100
export const TOO_DEEP = `nested more than ${MAX_NESTING} levels deep; the inner part is not read`
