/** How many requests a connection sends before its sequence begins anew. */
export const sequenceLength = 4096
