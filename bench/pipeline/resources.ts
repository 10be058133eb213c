/**
 * What has been acquired and must be given back, last first; `AsyncDisposableStack` for Node 20, which has none. Every
 * resource is given back even when another fails to be; the first failure is thrown at the end.
 */
export class Resources implements AsyncDisposable {
  readonly #releases: (() => Promise<void>)[] = []

  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(async () => {
      await resource[Symbol.asyncDispose]()
    })
    return resource
  }

  defer(release: () => Promise<void> | void): void {
    this.#releases.push(async () => {
      await release()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    let failure: { readonly error: unknown } | undefined
    for (let release = this.#releases.pop(); release !== undefined; release = this.#releases.pop()) {
      try {
        await release()
      } catch (error) {
        failure ??= { error }
      }
    }
    if (failure !== undefined) throw failure.error
  }
}
