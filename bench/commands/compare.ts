import { Command } from 'commander'
import { usageError } from '../../servers/contract/errors.ts'
import { compareRuns, type RunComparison } from '../estimates/comparing/compare-runs.ts'
import { runDifferences } from '../estimates/comparing/run-differences.ts'
import { isComparable } from '../estimates/comparing/run-figures.ts'
import { estimate } from '../estimates/estimate.ts'
import type { Metric } from '../metrics/metric.ts'
import { metricById, metrics } from '../metrics/table.ts'
import { shareSchema } from '../plan/input.ts'
import type { Results } from '../record/run.ts'
import { type ComparedRuns, comparisonData, comparisonMarkdown, comparisonText } from '../report/run-comparison.ts'
import { readResults } from '../results/read-results.ts'
import type { CommandContext, ExitCode } from './command-context.ts'

interface CompareOptions {
  readonly maxRegression?: string
  readonly failOnUndecided: boolean
  readonly metric?: string
  readonly absolute: boolean
  readonly allowDifferences: boolean
  readonly markdown: boolean
  readonly json: boolean
}

/** `compare`: did a later run get worse than an earlier one? Exit code 4 where it did by more than a limit. */
export const compareCommand = (context: CommandContext, exit: (code: ExitCode) => void): Command =>
  new Command('compare')
    .summary('hold a run against an earlier one; exit code 4 where it got worse by more than a limit')
    .description(
      "Holds each cost of a later run against the same of an earlier one, as a share of each run's own control, so that a machine that was slower as a whole does not count.",
    )
    .argument('<before>', 'results.json or run folder of the earlier run')
    .argument('<after>', 'the same of the later run')
    .option('--max-regression <share>', 'largest change for the worse that is accepted, for example 5%')
    .option(
      '--fail-on-undecided',
      'with --max-regression: exit code 4 as well where it cannot be told whether a figure stayed within it, or the later run has lost it',
      false,
    )
    .option(
      '--metric <ids>',
      'what to compare; by default app and database CPU together, with Redis or an auth service',
    )
    .option('--absolute', "compare microseconds in place of shares of the control's", false)
    .option('--allow-differences', 'compare runs of unlike machines or plans as well', false)
    .option('--markdown', 'as Markdown, for a comment on a pull request', false)
    .option('--json', 'as JSON, for programs', false)
    .action((before: string, after: string, options: CompareOptions) => {
      const compared = compare(before, after, options)
      context.print(textOf(compared, options, context.width))
      exit(fails(compared.comparison, options) ? 4 : 0)
    })

function fails({ figures, notCompared }: RunComparison, { failOnUndecided }: CompareOptions): boolean {
  if (figures.some(({ verdict }) => verdict === 'regression')) return true
  return (
    failOnUndecided && (figures.some(({ verdict }) => verdict === 'undecided') || notCompared.some(({ lost }) => lost))
  )
}

function textOf(compared: ComparedRuns, { json, markdown }: CompareOptions, width: number): string {
  if (json) return `${JSON.stringify(comparisonData(compared), undefined, 2)}\n`
  return markdown ? comparisonMarkdown(compared) : comparisonText(compared, width)
}

function compare(before: string, after: string, options: CompareOptions): ComparedRuns {
  if (options.json && options.markdown) throw usageError('usage.compare', 'Choose one of --json and --markdown.')
  const maxRegression = options.maxRegression === undefined ? undefined : shareOf(options.maxRegression)
  if (options.failOnUndecided && maxRegression === undefined) {
    throw usageError(
      'usage.compare',
      '--fail-on-undecided goes with --max-regression: without a limit nothing is decided.',
    )
  }
  const [earlier, later] = [readResults(before, estimate), readResults(after, estimate)]
  if (earlier.run.id === later.run.id) {
    throw usageError(
      'usage.compare',
      `${before} and ${after} are the same run, ${earlier.run.id}. Name two: the one to hold against first.`,
    )
  }
  const differences = runDifferences(earlier, later)
  const grave = differences.filter(({ comparable }) => !comparable)
  if (grave.length > 0 && !options.allowDifferences) {
    const list = grave.map((one) => `${one.what} (${one.before} before, ${one.after} after)`).join('; ')
    throw usageError(
      'usage.compare',
      `The runs cannot be compared: they differ in ${list}. Measure both alike, or add --allow-differences.`,
    )
  }
  const comparison = compareRuns(earlier, later, {
    metrics: metricsOf(options.metric, earlier, later),
    scale: options.absolute ? 'own-unit' : 'control',
    ...(maxRegression === undefined ? {} : { maxRegression }),
  })
  if (comparison.figures.length === 0) {
    const [first] = comparison.notCompared
    const why =
      first === undefined
        ? 'no variant was measured in both'
        : `for example ${first.variant}, ${first.metric.id}: ${first.reason}`
    throw usageError(
      'usage.compare',
      `Nothing can be compared: ${why}. Both need the same variants and loads, and 3 restarts at least.`,
    )
  }
  const { failOnUndecided } = options
  return {
    ...{ earlier, later, comparison, differences, failOnUndecided },
    ...(maxRegression === undefined ? {} : { maxRegression }),
  }
}

function shareOf(text: string): number {
  const share = shareSchema.safeParse(text)
  if (share.success) return share.data
  throw usageError('usage.compare', `--max-regression "${text}" is not possible: ${share.error.issues[0]?.message}.`)
}

/** What was asked for; else what the headline compares by: all CPU where both could read it, else that of the app. */
function metricsOf(text: string | undefined, earlier: Results, later: Results): Metric[] {
  const ids = text?.split(',').map((id) => id.trim()) ?? [
    [earlier, later].every(({ estimates }) =>
      estimates.some(({ metric, kind }) => metric === 'totalCpuUsPerRequest' && kind === 'cost'),
    )
      ? 'totalCpuUsPerRequest'
      : 'appCpuUsPerRequest',
  ]
  // One that is named twice is compared once.
  return [...new Set(ids)].map((id) => {
    const metric = metricById(id)
    if (metric !== undefined && isComparable(metric)) return metric
    const known = metrics.filter(isComparable).map((one) => one.id)
    throw usageError('usage.compare', `--metric "${id}" cannot be compared. There are: ${known.join(', ')}.`)
  })
}
