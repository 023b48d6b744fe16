/** Terraform's functions over several lists, which `for_each` is often made of. */
import { known, list, map, MAX_ITEMS, textOf, type Budget, type Origin, type Value } from './value.ts'

type Items = readonly Value[]

/** null unless every argument is a list of which nothing is missing. */
function wholeLists(args: Items): Items[] | null {
  const lists: Items[] = []
  for (const arg of args) {
    if (arg.data.kind !== 'list' || arg.data.isOpen) return null
    lists.push(arg.data.items)
  }
  return lists
}

/** Every choice of one item from each list, in the order of Terraform: the last list changes fastest. */
export function setProduct(args: Items, at: Origin, budget: Budget): Value | null {
  const lists = wholeLists(args)
  if (!lists || lists.length === 0) return null
  if (lists.reduce((size, items) => size * items.length, 1) > MAX_ITEMS) return null
  let choices: Items[] = [[]]
  for (const items of lists)
    choices = choices.flatMap((before) =>
      items.map((item) => {
        budget.spend()
        return [...before, item]
      }),
    )
  return list(
    choices.map((choice) => list(choice, at)),
    at,
  )
}

/** Items of the first list that are in all the others (`isKept`), or in none of them. */
export function setCompare(args: Items, at: Origin, isKept: boolean): Value | null {
  const lists = wholeLists(args)
  const [first, ...others] = lists ?? []
  if (!first || [...first, ...others.flat()].some((item) => textOf(item) === null)) return null
  const texts = others.map((items) => new Set(items.map((item) => textOf(item))))
  return list(
    first.filter((item) =>
      isKept ? texts.every((set) => set.has(textOf(item))) : texts.every((set) => !set.has(textOf(item))),
    ),
    at,
  )
}

export function slice(args: Items, at: Origin): Value | null {
  const [from, start, end] = args
  const [a, b] = [Number(textOf(start) ?? NaN), Number(textOf(end) ?? NaN)]
  if (from?.data.kind !== 'list' || from.data.isOpen || !Number.isInteger(a) || !Number.isInteger(b)) return null
  return list(from.data.items.slice(a, b), at)
}

/** `{ a = ["x"] }` → `{ x = ["a"] }` */
export function transpose(from: Value | undefined, at: Origin): Value | null {
  if (from?.data.kind !== 'map' || from.data.isOpen) return null
  const swapped = new Map<string, Value[]>()
  for (const [key, value] of from.data.entries) {
    if (value.data.kind !== 'list' || value.data.isOpen) return null
    for (const item of value.data.items) {
      const text = textOf(item)
      if (text === null) return null
      swapped.set(text, [...(swapped.get(text) ?? []), known(key, value)])
    }
  }
  return map(new Map([...swapped].map(([key, values]) => [key, list(values, at)])), at)
}
