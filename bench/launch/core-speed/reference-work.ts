/** 4 KiB: in the first-level cache after the first few reads, whoever ran before. */
const words = 1 << 10
const reads = 2000

/**
 * A fixed piece of work, some 45 us of CPU at 3 GHz, that keeps a core's pipeline busy and needs nothing else. It takes longer where
 * the core runs slower, and where a neighbour on the same physical core has a share of its pipeline, which is what makes
 * servers dearer there too. To be run by a process that does not optimize its code (`speedProbeFlags`): optimized in the
 * middle of a run, it would take half as long.
 */
export class ReferenceWork {
  readonly #memory = new Int32Array(words)
  #sum = 0

  run(): void {
    let sum = 0
    for (let read = 0; read < reads; read++) sum = (sum + (this.#memory[(read * 7) & (words - 1)] ?? 0)) | 0
    this.#sum = sum
  }

  /** So that no compiler may leave the work out. */
  get sum(): number {
    return this.#sum
  }
}
