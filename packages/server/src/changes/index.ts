/** The door of change requests. */
export { startChangeClock } from './clock.ts'
