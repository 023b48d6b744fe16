/** The door of webhooks: decisions told to other systems, signed and in order. */
export { startWebhooks } from './worker.ts'
