/**
 * Preloaded by `npm test`: property tests try the same values each time, so that a change is judged by the change.
 * `ONUS_FUZZ_SEED=random npm test` looks for new ones; a test file that is run by itself does so too.
 */
import fc from 'fast-check'

const given = process.env['ONUS_FUZZ_SEED'] ?? '20261124'
if (given !== 'random') fc.configureGlobal({ seed: Number(given) })
