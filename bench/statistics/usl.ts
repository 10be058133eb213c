/** One level of concurrency and what was served at it. */
export interface ConcurrencyPoint {
  readonly connections: number
  readonly requestsPerSecond: number
}

/** X(N) = gamma N / (1 + sigma (N - 1) + kappa N (N - 1)); Gunther, Guerrilla Capacity Planning, 2007, ch. 4 to 6. */
export interface UslParameters {
  /** Requests per second of one connection. */
  readonly gamma: number
  /** Contention: the share that cannot be done side by side. */
  readonly sigma: number
  /** Coherency: what every pair costs; above 0, throughput falls again beyond a peak. */
  readonly kappa: number
}

const parameters = 3

/** Throughput that the law gives at so many connections. */
export const uslThroughput = ({ gamma, sigma, kappa }: UslParameters, connections: number): number =>
  (gamma * connections) / (1 + sigma * (connections - 1) + kappa * connections * (connections - 1))

/** Connections at which throughput is highest; undefined where the law has no peak (kappa <= 0, or sigma >= 1). */
export const uslPeak = ({ sigma, kappa }: UslParameters): number | undefined =>
  kappa > 0 && sigma < 1 ? Math.sqrt((1 - sigma) / kappa) : undefined

/**
 * Least squares on throughput (Levenberg-Marquardt), begun where the linear form N/X = a + b (N-1) + c N (N-1) has its
 * own least squares. Unbounded: whether a parameter makes sense is for the caller to say.
 *
 * @param points at least three different numbers of connections, throughput > 0
 * @returns undefined where the points do not determine the parameters.
 */
export function fitUsl(points: readonly ConcurrencyPoint[]): UslParameters | undefined {
  const levels = new Set(points.map(({ connections }) => connections))
  if (levels.size < parameters || points.some(({ requestsPerSecond }) => !(requestsPerSecond > 0))) return undefined
  const start = linearFit(points)
  if (start === undefined) return undefined
  let current = start
  let squares = squaresOf(points, current)
  let damping = 1e-3
  for (let step = 0; step < 200; step++) {
    const next = stepFrom(points, current, damping)
    const nextSquares = next === undefined ? Number.NaN : squaresOf(points, next)
    if (next === undefined || !(nextSquares <= squares)) {
      damping *= 10
      if (damping > 1e12) break
      continue
    }
    const done = squares - nextSquares <= 1e-14 * squares
    current = next
    squares = nextSquares
    damping = Math.max(damping / 10, 1e-12)
    if (done) break
  }
  return current
}

const squaresOf = (points: readonly ConcurrencyPoint[], law: UslParameters): number =>
  points.reduce((sum, { connections, requestsPerSecond }) => {
    const fitted = uslThroughput(law, connections)
    // A denominator of zero or below is no throughput, however close the curve comes elsewhere.
    return fitted > 0 ? sum + (requestsPerSecond - fitted) ** 2 : Number.NaN
  }, 0)

/** N/X weighted by X/N, so that each level counts by its relative distance. */
function linearFit(points: readonly ConcurrencyPoint[]): UslParameters | undefined {
  const rows = points.map(({ connections: n, requestsPerSecond: x }) => {
    const weight = x / n
    return { gradient: [weight, weight * (n - 1), weight * n * (n - 1)], residual: 1 }
  })
  const [a, b, c] = solveNormal(rows, 0) ?? []
  if (a === undefined || b === undefined || c === undefined || !(a > 0)) return undefined
  return { gamma: 1 / a, sigma: b / a, kappa: c / a }
}

function stepFrom(points: readonly ConcurrencyPoint[], law: UslParameters, damping: number): UslParameters | undefined {
  const rows = points.map(({ connections: n, requestsPerSecond }) => {
    const denominator = 1 + law.sigma * (n - 1) + law.kappa * n * (n - 1)
    const fitted = (law.gamma * n) / denominator
    return {
      gradient: [n / denominator, (-fitted * (n - 1)) / denominator, (-fitted * n * (n - 1)) / denominator],
      residual: requestsPerSecond - fitted,
    }
  })
  const [gamma, sigma, kappa] = solveNormal(rows, damping) ?? []
  if (gamma === undefined || sigma === undefined || kappa === undefined) return undefined
  return { gamma: law.gamma + gamma, sigma: law.sigma + sigma, kappa: law.kappa + kappa }
}

interface Row {
  readonly gradient: readonly number[]
  readonly residual: number
}

/** Solves the normal equations, their diagonal raised by `damping` (Marquardt's scaling). */
function solveNormal(rows: readonly Row[], damping: number): number[] | undefined {
  const normal = Array.from({ length: parameters }, (_, i) =>
    Array.from({ length: parameters }, (__, j) => {
      const sum = rows.reduce((total, { gradient }) => total + (gradient[i] ?? 0) * (gradient[j] ?? 0), 0)
      return i === j ? sum * (1 + damping) : sum
    }),
  )
  const right = Array.from({ length: parameters }, (_, i) =>
    rows.reduce((total, { gradient, residual }) => total + (gradient[i] ?? 0) * residual, 0),
  )
  return solve(normal, right)
}

/**
 * Cholesky on a matrix scaled to ones in its diagonal; undefined where it is singular.
 *
 * @param matrix symmetric
 */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | undefined {
  const scale = matrix.map((row, i) => 1 / Math.sqrt(row[i] ?? Number.NaN))
  const lower: number[][] = matrix.map(() => [])
  const cell = (i: number, j: number): number => lower[i]?.[j] ?? 0
  for (const [i, row] of matrix.entries()) {
    for (let j = 0; j <= i; j++) {
      let rest = (row[j] ?? 0) * (scale[i] ?? 0) * (scale[j] ?? 0)
      for (let k = 0; k < j; k++) rest -= cell(i, k) * cell(j, k)
      if (i === j && !(rest > 1e-13)) return undefined
      lower[i]?.push(i === j ? Math.sqrt(rest) : rest / cell(j, j))
    }
  }
  const forward: number[] = []
  for (const [i, value] of right.entries()) {
    let rest = value * (scale[i] ?? 0)
    for (let k = 0; k < i; k++) rest -= cell(i, k) * (forward[k] ?? 0)
    forward.push(rest / cell(i, i))
  }
  const solution = [...forward]
  for (let i = solution.length - 1; i >= 0; i--) {
    let rest = forward[i] ?? 0
    for (let k = i + 1; k < solution.length; k++) rest -= cell(k, i) * (solution[k] ?? 0)
    solution[i] = rest / cell(i, i)
  }
  return solution.map((value, i) => value * (scale[i] ?? 0))
}
