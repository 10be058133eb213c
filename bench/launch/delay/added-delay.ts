import type pg from 'pg'

/** Round trips in turns, microseconds: `directUs[i]` right before `otherUs[i]`. */
export interface PairedRoundTrips {
  readonly directUs: readonly number[]
  readonly otherUs: readonly number[]
}

/** What a way to the database adds to a round trip, microseconds. */
export interface AddedDelay {
  /** Median of the round trip with it minus median of the direct one. */
  readonly p50: number
  /** 99th percentile of the round trip with it minus median of the direct one. */
  readonly p99: number
  readonly samples: number
}

/** Pairs before the first that counts: statements are prepared, code is compiled, the overshoot is learnt. */
const warmUpPairs = 40

/**
 * Times a trivial prepared query in turns, direct and by another way, so that both meet the same machine: one that has just
 * slept answers later than one that is kept busy.
 *
 * @param samples pairs, at least 1.
 */
export async function pairedRoundTrips(
  direct: pg.Client,
  other: pg.Client,
  samples: number,
): Promise<PairedRoundTrips> {
  const query = { name: 'authcost-round-trip', text: 'SELECT 1' }
  const time = async (client: pg.Client): Promise<number> => {
    const start = process.hrtime.bigint()
    await client.query(query)
    return Number(process.hrtime.bigint() - start) / 1000
  }
  const directUs: number[] = []
  const otherUs: number[] = []
  for (let pair = -warmUpPairs; pair < samples; pair++) {
    const directTime = await time(direct)
    const otherTime = await time(other)
    if (pair < 0) continue
    directUs.push(directTime)
    otherUs.push(otherTime)
  }
  return { directUs, otherUs }
}

export function addedDelay({ directUs, otherUs }: PairedRoundTrips): AddedDelay {
  const floor = nearestRank(directUs, 0.5)
  return {
    p50: nearestRank(otherUs, 0.5) - floor,
    p99: nearestRank(otherUs, 0.99) - floor,
    samples: otherUs.length,
  }
}

/** Passing through takes 100 to 250 us on slow virtual machines; what seems to be more is a machine that was busy. */
const maximumForwardingUs = 300

/**
 * What passing through a proxy takes beyond the delay it was told, microseconds. From lower quartiles: whatever else the
 * machine does only adds, and must not be taken off the delay.
 */
export function forwardingUs({ directUs, otherUs }: PairedRoundTrips, delayUs: number): number {
  const seenUs = nearestRank(otherUs, 0.25) - nearestRank(directUs, 0.25) - delayUs
  return Math.min(Math.max(0, seenUs), maximumForwardingUs, delayUs)
}

/** The smallest value that at least this share of all do not exceed. */
function nearestRank(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  if (value === undefined) throw new RangeError('a quantile needs at least one sample')
  return value
}
