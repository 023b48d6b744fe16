/** The door of accountability: acceptances, refusals, and what ends them. */
export { lapseWithTeam, startLapsing } from './lapse.ts'
export { saveReassignDays } from './orphans.ts'
