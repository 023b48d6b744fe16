/**
 * `npm run bench` runs every bench, `npm run bench -- NAME...` those. A bench is a folder whose index.ts exports
 * `run()`.
 */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))
const benches = readdirSync(HERE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(HERE, entry.name, 'index.ts')))
  .map((entry) => entry.name)
  .sort()
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !benches.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`No bench is called ${unknown.join(', ')}. There are: ${benches.join(', ')}.\n`)
  process.exit(2)
}
for (const name of wanted.length > 0 ? wanted : benches) {
  process.stdout.write(`\n# ${name}\n`)
  // A folder is listed above only when it has this file, and by convention it exports run().
  const bench = (await import(pathToFileURL(join(HERE, name, 'index.ts')).href)) as { run: () => Promise<void> }
  await bench.run()
}
