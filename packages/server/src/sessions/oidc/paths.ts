/** Where sign-in with a company account begins, and where the issuer sends the browser back: pages, not API. */
export const START_PATH = '/sign-in/company'
export const CALLBACK_PATH = '/sign-in/company/callback'
