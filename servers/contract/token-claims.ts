/** What every JWT of the project says about itself; the gate forges tokens that differ from it in one thing each. */
export const tokenIssuer = 'https://authcost.invalid'
export const tokenAudience = 'authcost'
/** RFC 9068 section 2.1: an access token says that it is one, so that no other JWT can stand in for it. */
export const tokenType = 'at+jwt'

/** Longer credentials are refused before anything is computed over them: 8 KiB, the usual limit of a header line. */
export const maximumCredentialLength = 8192
