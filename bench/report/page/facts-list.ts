import type { Fact, GateView, ReportData, WarningView } from '../report-data.ts'
import { element } from './element.ts'

/** Names and values as a description list. */
export const factsList = (facts: readonly Fact[], look: 'narrow' | 'wide' = 'narrow'): HTMLElement =>
  element(
    'dl',
    { class: look === 'wide' ? 'facts wide' : 'facts' },
    ...facts.map(({ name, value }) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  )

/** Warnings with their remedies. */
export const warningsList = (warnings: readonly WarningView[]): HTMLElement =>
  element(
    'ul',
    { class: 'warnings' },
    ...warnings.map(({ severity, about, message, remedy }) =>
      element(
        'li',
        { class: severity },
        element('p', {}, about === '' ? undefined : element('strong', {}, `${about}: `), message),
        element('p', { class: 'remedy' }, remedy),
      ),
    ),
  )

/** What each variant's server refused and accepted before anything was timed. */
export function gateList(data: ReportData): HTMLElement {
  const failed = data.gate.filter((gate) => gate.failed.length > 0 || gate.leftOut !== undefined)
  const checks = data.gate.reduce((sum, { total }) => sum + total, 0)
  const passed = data.gate.reduce((sum, { passed: own }) => sum + own, 0)
  return element(
    'div',
    {},
    element(
      'p',
      { class: 'note' },
      checks === 0
        ? 'No checks are recorded in this file.'
        : `Before anything was timed, every server had to refuse bad credentials and accept good ones: ${passed} of ${checks} checks passed.`,
    ),
    data.attacks.length === 0 ? undefined : element('p', { class: 'note' }, `Tried: ${data.attacks.join(', ')}.`),
    factsList(data.gate.filter(({ total }) => total > 0).map((gate) => ({ name: gate.label, value: gateWords(gate) }))),
    failed.length === 0 ? undefined : warningsList(failed.map(failure)),
  )
}

/** `12 of 12 passed`, and what was left out. */
export const gateWords = ({ passed, total, unguarded }: GateView): string =>
  `${passed} of ${total} passed${unguarded.length === 0 ? '' : `; left out, since it does not withstand them by its own account: ${unguarded.join(', ')}`}`

const failure = (gate: GateView): WarningView => ({
  severity: 'high',
  about: gate.label,
  message: gate.leftOut ?? `failed: ${gate.failed.join(', ')}`,
  remedy: 'Its figures are not shown: a server that lets the wrong requests in is not measured.',
})
