import { useQuery } from '@tanstack/react-query'
import { read } from '../api.ts'
import { legible } from './legible.ts'

/** The name of a team whose id is in the address; the id itself until the name is known. */
export function useTeamName(id: string | undefined): string {
  const isTeam = id !== undefined && id !== 'none'
  const team = useQuery({ ...read('team', { params: { id: id ?? '' } }), enabled: isTeam })
  if (id === 'none') return 'no team'
  return team.data ? legible(team.data.name) : (id ?? '')
}
