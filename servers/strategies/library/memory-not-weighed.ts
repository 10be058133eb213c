/** Of libraries: their state lies behind their own closures, and process memory as a whole moves by more than a few bytes a user. */
export const memoryNotWeighed = 'what the library itself keeps in memory cannot be told from the rest of the heap'
