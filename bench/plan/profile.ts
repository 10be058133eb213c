/** One row of the table of profiles: what `--profile` stands for. `--help` prints it, a test holds it against a run. */
export interface Profile {
  readonly name: 'quick' | 'standard' | 'thorough'
  readonly summary: string
  /** Variants measured unless others are named; control and twin come with every run. */
  readonly variants: readonly string[]
  readonly restarts: number
  /** Rounds per restart at saturation. */
  readonly rounds: number
  readonly sliceMs: number
  /**
   * Slices at fixed rate, per variant and restart. Several short ones, because a single slice has no median: one outlier
   * would ruin its restart (simulated: half-width 5.9 us with one round, 0.8 us with four of a quarter the length).
   */
  readonly fixedRate: { readonly sliceMs: number; readonly rounds: number; readonly rates: readonly RateChoice[] }
  /** Slices with one connection, per variant and restart; 0: none. */
  readonly unloaded: { readonly sliceMs: number; readonly rounds: number }
  /** A group of its own with production's Node flags, after idling. */
  readonly productionFlags: boolean
  readonly restartPostgres: boolean
  /** Registering, logging in, refreshing and logging out, at the end of each restart. */
  readonly lifecycle: boolean
  /** What it costs that servers and Postgres share a core, where they do: a look-up in process, before the restarts. */
  readonly coreSharing: boolean
  /** On a slow machine no restart is begun that would end later, start-up included, once there are so many. Absent: all are measured. */
  readonly timeLimit?: { readonly ms: number; readonly leastRestarts: number }
}

/** `share`: of the slowest variant's capacity as seen in warm-up. `default`: see `defaultRate`. */
export type RateChoice = { readonly requestsPerSecond: number } | { readonly share: number } | 'default'

/**
 * The fixed rate where none is given: low enough that the slowest of the default variants (EdDSA on one core, some
 * 8,000 a second) stays below a third of its capacity, and a round number, so that runs can be compared.
 */
export const defaultRate = 2000

/** Above this share of the slowest variant's capacity the default rate is lowered: queueing would be measured. */
export const highestDefaultShare = 0.5

const sessionsAgainst = (...algorithms: string[]): string[] => ['session', ...algorithms.map((alg) => `jwt:alg=${alg}`)]

export const profiles: readonly Profile[] = [
  {
    name: 'quick',
    summary: 'about a minute: a first answer, wide intervals',
    variants: sessionsAgainst('HS256', 'ES256'),
    restarts: 4,
    rounds: 3,
    sliceMs: 250,
    fixedRate: { sliceMs: 120, rounds: 3, rates: ['default'] },
    unloaded: { sliceMs: 0, rounds: 0 },
    productionFlags: false,
    restartPostgres: false,
    lifecycle: false,
    coreSharing: false,
  },
  {
    name: 'standard',
    summary: 'a few minutes: the default',
    variants: sessionsAgainst('HS256', 'RS256', 'ES256', 'EdDSA'),
    restarts: 10,
    rounds: 4,
    sliceMs: 250,
    fixedRate: { sliceMs: 250, rounds: 4, rates: ['default'] },
    unloaded: { sliceMs: 250, rounds: 1 },
    productionFlags: false,
    restartPostgres: false,
    lifecycle: true,
    coreSharing: true,
    timeLimit: { ms: 360_000, leastRestarts: 6 },
  },
  {
    name: 'thorough',
    summary:
      'about half an hour: several rates, Postgres restarted per replicate, production flags as a group of their own',
    variants: sessionsAgainst('HS256', 'RS256', 'ES256', 'EdDSA'),
    restarts: 16,
    rounds: 4,
    sliceMs: 250,
    fixedRate: { sliceMs: 250, rounds: 4, rates: [{ share: 0.2 }, { share: 0.5 }, { share: 0.8 }] },
    unloaded: { sliceMs: 250, rounds: 3 },
    productionFlags: true,
    restartPostgres: true,
    lifecycle: true,
    coreSharing: true,
  },
]
