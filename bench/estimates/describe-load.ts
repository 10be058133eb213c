import type { Load } from '../record/slice.ts'

/** `at saturation (10 connections)`, `at 2,000 requests/s`, `unloaded`. */
export const describeLoad = (load: Load): string =>
  load.mode === 'saturation'
    ? `at saturation (${load.connections} connections)`
    : load.mode === 'fixed-rate'
      ? `at ${load.requestsPerSecond.toLocaleString('en-US')} requests/s`
      : load.mode === 'unloaded'
        ? 'unloaded (one connection)'
        : `with ${Number((100 * load.badShare).toPrecision(3))} % bad credentials${load.kind === undefined ? '' : ` (${load.kind})`}`
