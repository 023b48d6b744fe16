/** How a route is written. Its own file, so that parts of the table can have theirs. */
import { z } from 'zod'

export const route = <
  const M extends 'GET' | 'POST' | 'PUT' | 'DELETE',
  const P extends string,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Reply extends z.ZodType,
>(r: {
  method: M
  path: P
  summary: string
  tag: string
  isPublic?: boolean
  params: Params
  query: Query
  body: Body
  reply: Reply
  status?: number
  contentType?: string
}) => r
export const none = z.strictObject({})
export const noBody = z.undefined()
export const id = z.strictObject({ id: z.string().max(64) })

export const Text = z.string().max(200)
export const Cursor = z.string().max(2_000)
export const Limit = z.coerce.number().int().min(1).max(500).default(100)
/** One page of a list; `nextCursor` asks for the next. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable(),
    total: z.int().nonnegative(),
    isTotalExact: z.boolean(),
  })
