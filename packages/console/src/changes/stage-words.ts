/** The console's words for the stages of a guardrail. */
export const STAGE_WORDS = {
  off: { word: 'Off', meaning: 'It does nothing; its text is kept' },
  warn: { word: 'Warn', meaning: 'It tells whoever proposes and approves, and refuses nothing' },
  enforce: { word: 'Enforce', meaning: 'What exceeds it is refused, unless an exception runs' },
} as const
