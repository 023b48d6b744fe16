import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * The absolute path of real material beside the checkout, or null when this machine has none.
 * Tests use it as `test(name, { skip: sharedData('iam-policies') ? false : 'no shared data beside this checkout' }, ...)`.
 */
export function sharedData(path: string): string | null {
  const absolute = fileURLToPath(new URL(`../../../../../shared/data/${path}`, import.meta.url))
  return existsSync(absolute) ? absolute : null
}
