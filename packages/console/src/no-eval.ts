/**
 * The content security policy forbids building code from strings. The schema library probes for it when its first
 * schema is made, and the probe alone would be reported as a violation; so this file is imported before any schema.
 */
import { z } from 'zod'

z.config({ jitless: true })
