/** Tables of `github/`, as Kysely sees them. */
import type { ColumnType, Generated } from 'kysely'

type Json<T> = ColumnType<T, string, string>
type Bigint = ColumnType<string, number | string, number | string>
type Optional<T> = ColumnType<T | null, T | null | undefined, T | null>

/** Why a repository is not connected any more. */
export type GithubEnd = 'disconnected' | 'uninstalled' | 'deleted' | 'transferred'

export type GithubTables = {
  github_repository: {
    id: string
    repository_id: Bigint
    manifest: string
    token_id: string
    connected_by: string
    connected_at: Date
    ended_at: Optional<Date>
    ended: Optional<GithubEnd>
  }
  github_state: {
    connection_id: string
    installation_id: Bigint
    full_name: string
    default_branch: string
    last_at: Optional<Date>
    last_problem: Optional<string>
  }
  github_pull: {
    connection_id: string
    number: number
    head_sha: string
    until: Date
    /** Digest → when it was shown first, an ISO instant by GitHub's clock. */
    shown: Json<Record<string, string>>
    check_run_id: ColumnType<string | null, number | string | null | undefined, number | string | null>
    comment_id: ColumnType<string | null, number | string | null | undefined, number | string | null>
    pushers: Generated<string[]>
    /** '': a push was missed; null: it was opened unheard. */
    heard_sha: Optional<string>
    writers: Generated<string[]>
    changes: Generated<string[]>
    withheld: Json<{ login: string; reason: string }[]>
    merged_at: Optional<Date>
    seen: Generated<string>
    is_settled: Generated<boolean>
  }
  github_job: {
    connection_id: string
    number: number
    kind: 'check' | 'merge' | 'say'
    ref: Generated<string>
    body: Optional<string>
    wanted: Generated<number>
    attempts: Generated<number>
    next_at: Date
    claimed_until: Optional<Date>
    is_dead: Generated<boolean>
    problem: Optional<string>
  }
  github_delivery: { id: string; digest: Buffer; at: Date }
  github_link: {
    id: string
    person_id: string
    account_id: Bigint
    login: string
    linked_at: Date
    ended_at: Optional<Date>
  }
  github_link_code: { person_id: string; code_hash: Buffer; account_id: Bigint; login: string; expires_at: Date }
}
