import { type Calibration, calibrationOf, type Recovery, type RecoveryVerdict } from '../estimates/calibration.ts'
import { capitalised } from '../metrics/format.ts'
import type { Results } from '../record/run.ts'
import { type Load, loadKey } from '../record/slice.ts'
import { loadShort, loadTitle } from './load-view.ts'
import { figureCell as figure, intervalText as interval, microseconds } from './microseconds.ts'
import type { CalibrationView, Cell, Fact, Section } from './report-data.ts'

/** What a `calibrate` run shows besides the ordinary report; words for terminal, Markdown and page alike. */
export interface CalibrationReport {
  readonly headline: readonly string[]
  readonly view: CalibrationView
}

/** The report on known costs; undefined for a run that had none to recover. */
export function calibrationReport(results: Results): CalibrationReport | undefined {
  if (results.run.command !== 'calibrate') return undefined
  const calibration = calibrationOf(results)
  return {
    headline: headlineOf(calibration),
    view: {
      sections: sectionsOf(results, calibration),
      notes: notesOf(calibration),
      facts: [...resolutionFacts(calibration), ...againstItselfFacts(calibration)],
      points: calibration.recoveries.map((recovery) => ({
        variant: recovery.variant,
        load: loadKey(recovery.load),
        amount: recovery.amount,
        injectedUs: recovery.injected.value,
        recoveredUs: recovery.recovered.value,
        lowUs: recovery.recovered.low,
        highUs: recovery.recovered.high,
        words: [
          interval(recovery.injected),
          interval(recovery.recovered),
          interval(recovery.error),
          verdictWords[recovery.verdict],
        ],
      })),
    },
  }
}

const verdictWords: Readonly<Record<RecoveryVerdict, string>> = {
  recovered: 'recovered',
  compatible: 'compatible, interval wide',
  missed: 'missed',
}

function headlineOf(calibration: Calibration): readonly string[] {
  const sentences = (['cpu', 'wait'] as const).flatMap((amount) => {
    const all = calibration.recoveries.filter((recovery) => recovery.amount === amount)
    if (all.length === 0) return []
    const what = amount === 'cpu' ? 'known amounts of CPU' : 'known waits'
    const of = (verdict: RecoveryVerdict): Recovery[] => all.filter((recovery) => recovery.verdict === verdict)
    const counts = [
      `${of('recovered').length} of ${all.length} ${what} were recovered within the tolerance`,
      ...(of('compatible').length === 0
        ? []
        : [`${of('compatible').length} more may lie within it, but the interval reaches beyond`]),
      ...(of('missed').length === 0
        ? []
        : [`${of('missed').length} were missed: ${of('missed').map(named).join(', ')}`]),
    ]
    return [`${capitalised(counts.join('; '))}.`]
  })
  const smallest = calibration.resolutions.map(({ load, twin }) => {
    const band = Math.max(Math.abs(twin.low), Math.abs(twin.high))
    return `${capitalised(loadShort(load))}: this run tells app CPU costs above ${microseconds(band, band)} µs per request from none.`
  })
  if (sentences.length + smallest.length > 0) return [...sentences, ...smallest]
  return ['Nothing can be said of this machine: fewer than 3 restarts have enough valid slices.']
}

const named = ({ label, load }: Recovery): string => `${label} (${loadShort(load)})`

function sectionsOf(results: Results, calibration: Calibration): readonly Section[] {
  const loads = new Map([...calibration.recoveries, ...calibration.absent].map(({ load }) => [loadKey(load), load]))
  return [...loads.values()]
    .sort((a, b) => orderOf(a) - orderOf(b))
    .map((load) => ({
      title: `Known costs: ${loadTitle(load)}`,
      note: `Injected: measured inside the server, because loops and timers run over (CPU: mean of the busy loop; waits: median of the authentication step). Recovered: ${recoveredFrom[load.mode]}, variant minus control. Error: recovered minus injected, paired by round; 95 % intervals.`,
      columns: [
        { label: 'Injected', unit: 'µs' },
        { label: 'Recovered', unit: 'µs' },
        { label: 'Error', unit: 'µs' },
        { label: 'Tolerance', unit: '±µs' },
        { label: 'Found', unit: '' },
      ],
      rows: results.plan.variants
        .filter(({ role }) => role === 'candidate')
        .flatMap(({ id, label }) => rowsOf(calibration, id, label, load)),
    }))
}

const orderOf = ({ mode }: Load): number => ['saturation', 'fixed-rate', 'unloaded'].indexOf(mode)

const recoveredFrom: Readonly<Record<Load['mode'], string>> = {
  saturation: 'app CPU per request at one core speed',
  'fixed-rate':
    'CPU from app CPU per request at one core speed, waits from the median latency since the scheduled start',
  unloaded: 'waits from the median latency of one connection',
  'bad-traffic': 'nothing',
}

function rowsOf(calibration: Calibration, variant: string, label: string, load: Load): Section['rows'] {
  const here = (one: { readonly variant: string; readonly load: Load }): boolean =>
    one.variant === variant && loadKey(one.load) === loadKey(load)
  const nothing = (reason: string): Cell => ({ kind: 'absent', reason })
  return [
    ...calibration.recoveries.filter(here).map(({ injected, recovered, error, toleranceUs, verdict }) => ({
      variant,
      label,
      cells: [
        figure(injected),
        figure(recovered),
        figure(error),
        { kind: 'text' as const, text: microseconds(toleranceUs, toleranceUs) },
        { kind: 'text' as const, text: verdictWords[verdict] },
      ],
    })),
    ...calibration.absent.filter(here).map(({ absent }) => ({
      variant,
      label,
      cells: [...Array.from({ length: 4 }, () => nothing(absent)), { kind: 'text' as const, text: 'not judged' }],
    })),
  ]
}

function notesOf({ waitingSlices, absent }: Calibration): readonly string[] {
  const reasons = new Set(absent.map((one) => `${one.label}, ${loadShort(one.load)}: ${one.absent}`))
  return [
    'Tolerance: 10 % of the injected amount, at least 0.5 µs. Recovered: the whole interval of the error lies within it.',
    ...(waitingSlices === 0
      ? []
      : [
          `A server that waits fills no core: its ${waitingSlices} slices at saturation are marked not-saturated and left out, as they should be. Waits are sought in latency, never in CPU.`,
        ]),
    ...(reasons.size === 0 ? [] : [`Not judged: ${[...reasons].join('; ')}.`]),
  ]
}

function resolutionFacts({ resolutions }: Calibration): readonly Fact[] {
  return resolutions.map(({ load, twin, secondsPerRestart, byTime }) => {
    const times = byTime.map(({ minutes, restarts, smallestUs }) =>
      smallestUs === undefined
        ? `too short for an interval in ${minutes} min`
        : `${microseconds(smallestUs, smallestUs)} µs in ${minutes} min (${restarts} restarts)`,
    )
    return {
      name: `Smallest app CPU cost that can be resolved, ${loadShort(load)}`,
      value: `${times.join(', ')}. The twin differed by ${interval(twin)} in ${twin.restarts} restarts of ${secondsPerRestart.toFixed(1)} s.`,
    }
  })
}

function againstItselfFacts({ againstItself }: Calibration): readonly Fact[] {
  return againstItself.map(({ load, simulated, repeated }) => {
    const real =
      repeated === undefined
        ? ''
        : `; really repeated: ${repeated.covered} of ${repeated.comparisons} (${repeated.restartsEach} restarts each)`
    return {
      name: `A server against itself, ${loadShort(load)}`,
      value:
        'absent' in simulated
          ? `not simulated: ${simulated.absent}; take a longer profile or more --restarts${real}`
          : `the 95 % interval holds 0 in ${((100 * simulated.covered) / simulated.comparisons).toFixed(1)} % of ${simulated.comparisons.toLocaleString('en-US')} comparisons simulated from the recorded rounds${real}`,
    }
  })
}
