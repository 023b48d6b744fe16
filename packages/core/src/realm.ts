import { environmentHolders, environmentWords } from './environment-words.ts'

/** Directory names after which the next segment names a cluster, an environment or a region. */
const INTRODUCERS = new Set([...environmentHolders, 'regions'])

/**
 * The world in which Kubernetes names of a file are unique: its cluster, as far as the path tells. Manifests do not name
 * their cluster, and one repository often holds several in which the same namespace exists (`clusters/prod/payments`,
 * `clusters/dev/payments`), so joining by name alone would merge two identities. It depends on the path of the file
 * only, never on what else was scanned, so identity ids stay stable.
 *
 * In order: what precedes a segment that equals the namespace; the segment after an introducing word; a segment that is
 * an environment word; '' (unknown).
 */
export function kubernetesRealm(path: string, namespace: string | null = null): string {
  const segments = path.split('/').slice(0, -1)
  if (namespace !== null) {
    const at = segments.lastIndexOf(namespace)
    if (at > 0) return segments.slice(0, at).join('/')
  }
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i] ?? ''
    if (INTRODUCERS.has(segment.toLowerCase()) && i + 1 < segments.length) return segments.slice(0, i + 2).join('/')
    if (environmentWords.has(segment.toLowerCase())) return segments.slice(0, i + 1).join('/')
  }
  return ''
}
