import type { Results } from '../record/run.ts'

export type EstimateInput = Pick<Results, 'plan' | 'slices' | 'warmUps'>
export type EstimateOutput = Pick<Results, 'estimates' | 'absent' | 'noiseBands' | 'warnings'>

export function estimate(_input: EstimateInput): EstimateOutput {
  return { estimates: [], absent: [], noiseBands: [], warnings: [] }
}
