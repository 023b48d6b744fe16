import { readYaml, type YamlFile } from './yaml.ts'

/** One decoded file of the estate. Parsed forms are made once, however many readers look at it. */
export class TextFile {
  /** Relative to the scanned root, / between segments. */
  readonly path: string
  readonly text: string
  #yaml: YamlFile | undefined

  constructor(path: string, text: string) {
    this.path = path
    this.text = text
  }

  yaml(): YamlFile {
    return (this.#yaml ??= readYaml(this.text))
  }

  /** The last path segment, lower case. */
  get name(): string {
    return this.path.slice(this.path.lastIndexOf('/') + 1).toLowerCase()
  }
}
