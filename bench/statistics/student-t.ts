/**
 * ln Gamma(x), x > 0, by the Lanczos approximation (g = 7, n = 9), relative error below 1e-14.
 * Source: Numerical Recipes, 3rd edition, 6.1.
 */
function logGamma(x: number): number {
  const coefficients = [
    676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
    -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ]
  let series = 0.99999999999980993
  coefficients.forEach((coefficient, i) => {
    series += coefficient / (x + i)
  })
  const t = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series)
}

/**
 * Regularized incomplete beta I_x(a, b), by Lentz's continued fraction. Source: Numerical Recipes, 3rd edition, 6.4.
 */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  // The fraction converges fast only below the mean of the distribution; above it the symmetry helps.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a
  const tiny = 1e-300
  const guard = (value: number): number => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / guard(1 + even * d)
    c = guard(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / guard(1 + odd * d)
    c = guard(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return front * fraction
}

/** Two-sided p of a t statistic: P(|T| >= |t|) with `degrees` > 0 degrees of freedom. */
export const studentTwoSidedP = (t: number, degrees: number): number =>
  incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5)

/** P(T <= t) of Student's t with `degrees` > 0 degrees of freedom. */
export const studentCdf = (t: number, degrees: number): number => {
  const tail = studentTwoSidedP(t, degrees) / 2
  return t < 0 ? tail : 1 - tail
}

/** By degrees of freedom and probability: text as a key would take longer than the rest of a simulation. */
const known = new Map<number, Map<number, number>>()

/**
 * The t with P(T <= t) = `probability`, to about 1e-12, by bisection. Answers are kept, because
 * an analysis asks for few different ones many times.
 *
 * @param probability 0 < p < 1
 * @param degrees degrees of freedom, > 0
 */
export function studentQuantile(probability: number, degrees: number): number {
  if (probability === 0.5) return 0
  if (probability < 0.5) return -studentQuantile(1 - probability, degrees)
  const ofDegrees = known.get(degrees) ?? new Map<number, number>()
  const kept = ofDegrees.get(probability)
  if (kept !== undefined) return kept
  let low = 0
  let high = 2
  while (studentCdf(high, degrees) < probability) high *= 2
  for (let i = 0; i < 200 && high - low > 1e-13 * high; i++) {
    const middle = (low + high) / 2
    if (studentCdf(middle, degrees) < probability) low = middle
    else high = middle
  }
  const t = (low + high) / 2
  known.set(degrees, ofDegrees.set(probability, t))
  return t
}
