/** What a session is found by, as the library calls it on an `https` base URL. */
export const tokenCookie = '__Secure-better-auth.session_token'
/** Where its cookie cache lies. */
export const dataCookie = '__Secure-better-auth.session_data'
