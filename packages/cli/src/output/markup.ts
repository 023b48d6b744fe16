/** HTML from templates in which everything that is filled in is text, unless it came from such a template itself. */
import { plain } from './plain.ts'

export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export function html(parts: TemplateStringsArray, ...values: readonly (string | number | Html)[]): Html {
  return new Html(parts.reduce((text, part, index) => text + fill(values[index - 1]) + part))
}

/** Each item as a piece, with a separator between them. */
export function list<T>(items: Iterable<T>, piece: (item: T) => Html, separator: string | Html = ''): Html {
  return new Html([...items].map((item) => piece(item).text).join(fill(separator)))
}

function fill(value: string | number | Html | undefined): string {
  if (value === undefined) return ''
  if (value instanceof Html) return value.text
  // Bidirectional and invisible characters of a name would make a line read as another one, in a browser too.
  return /\S/.test(String(value))
    ? edges(String(value)).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '')
    : String(value)
}

/** As `plain`, but white space at the edges stays: it separates what is filled in from its neighbours. */
function edges(text: string): string {
  const [start = ''] = /^\s*/.exec(text) ?? []
  const [end = ''] = /\s*$/.exec(text) ?? []
  return (start && ' ') + plain(text.trim()) + (end && ' ')
}
