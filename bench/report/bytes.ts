import { checkedId, type Results } from '../record/run.ts'
import { type Load, loadKey } from '../record/slice.ts'
import type { StateRecord } from '../record/state.ts'
import { figureText, textCell, whole } from './figure-text.ts'
import { loadShort } from './load-view.ts'
import type { Cell, Section } from './report-data.ts'
import { oncePerCheck } from './sections.ts'

/** Bytes on the wire and at rest; absent where the run did not count them. */
export function bytesSection(results: Results): Section | undefined {
  const { wire, state } = results.checks
  if (wire === undefined || state === undefined) return undefined
  const rate = results.estimates.find(
    ({ metric, group }) => metric === 'requestMbitPerSecond' && group === 'default',
  )?.load
  const traffic = rate === undefined ? '' : ` Traffic at ${loadShort(rate)}, without the headers of TCP and IP.`
  return {
    title: 'Bytes on the wire and at rest',
    note: `Headers of a request and its answer, with their first lines, as sent over HTTP/1.1.${traffic} State: bytes per signed-in user at rest, with indexes; per entry of a cache or list in memory, by the heap that 10,000 of them take.`,
    columns: [
      { label: 'Request headers', unit: 'bytes' },
      { label: 'Response headers', unit: 'bytes' },
      ...(rate === undefined
        ? []
        : [
            { label: 'To the server', unit: 'Mbit/s' },
            { label: 'From the server', unit: 'Mbit/s' },
          ]),
      { label: 'At rest', unit: 'bytes' },
      { label: 'In memory', unit: 'bytes' },
    ],
    rows: oncePerCheck(results.plan.variants)
      .filter(({ role }) => role !== 'twin')
      .map(({ id, label }) => {
        const bytes = wire.find(({ variant }) => variant === id)
        const kept = state.find(({ variant }) => variant === id)
        return {
          variant: id,
          label,
          cells: [
            bytesCell(bytes?.requestHeaderBytes),
            bytesCell(bytes?.responseHeaderBytes),
            ...(rate === undefined
              ? []
              : ['requestMbitPerSecond', 'responseMbitPerSecond'].map((metric) =>
                  trafficCell(results, deployedAs(results, id), metric, rate),
                )),
            stateCell(kept?.sizes, ['postgres', 'redis']),
            kept?.memory === undefined
              ? stateCell(kept?.sizes, ['memory'])
              : { kind: 'absent', reason: kept.memory.absent },
          ],
        }
      }),
  }
}

const bytesCell = (bytes: number | undefined): Cell =>
  bytes === undefined ? { kind: 'absent', reason: 'not counted' } : textCell(whole(bytes))

/** Bytes do not depend on how a variant is deployed: the figure of any deployment is that of all. */
const deployedAs = ({ plan }: Results, checked: string): readonly string[] =>
  plan.variants.filter((variant) => checkedId(variant) === checked).map(({ id }) => id)

function trafficCell(results: Results, variants: readonly string[], metric: string, load: Load): Cell {
  const estimate = results.estimates.find(
    (one) =>
      variants.includes(one.variant) &&
      one.metric === metric &&
      one.group === 'default' &&
      loadKey(one.load) === loadKey(load),
  )
  if (estimate === undefined) return { kind: 'absent', reason: 'not estimated' }
  return { kind: 'figure', ...figureText(estimate), undecided: false }
}

const placeInWords = { postgres: '', redis: ' in Redis', memory: '' } as const

function stateCell(sizes: StateRecord['sizes'] | undefined, places: readonly (keyof typeof placeInWords)[]): Cell {
  if (sizes === undefined) return { kind: 'absent', reason: 'not weighed' }
  if ('absent' in sizes) return { kind: 'absent', reason: sizes.absent }
  const here = sizes.filter(({ where }) => places.includes(where))
  if (here.length === 0) return textCell('0')
  const text = here.map(({ where, what, bytes, count }) => `${whole(bytes / count)} (${what}${placeInWords[where]})`)
  return textCell(text.join(', '))
}
