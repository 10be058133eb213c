import { expect, test } from 'vitest'
import { poolTuningSchema } from '../../record/tuning.ts'
import { exampleSweep } from './pool-sweep.fixture.ts'
import { poolTuning } from './pool-tuning.ts'

test('try', () => {
  const t0 = performance.now()
  const sweep = exampleSweep()
  const t1 = performance.now()
  const tuning = poolTuning(sweep)
  console.info(t1 - t0, performance.now() - t1)
  expect(poolTuningSchema.parse(tuning)).toEqual(tuning)
  console.info(tuning.sentences.join('\n'))
  console.info(JSON.stringify(tuning.recommendations[3], null, 1))
  console.info(JSON.stringify(tuning.cells[3], null, 1))
  console.info(JSON.stringify(tuning.scalability.map((s) => [s.poolSize, s.dbDelayUs, s.fit])))
  console.info(JSON.stringify(tuning.crossings.slice(0, 6)))
})
