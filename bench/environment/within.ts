/** What the work gives, or `late` once so long has passed: it may throw. The work itself is not ended. */
export async function within<T>(ms: number, work: Promise<T>, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return Promise.race([work, passed.then(late)]).finally(() => clearTimeout(timer))
}
