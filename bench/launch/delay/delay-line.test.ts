import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DelayLine } from './delay-line.ts'

/** A clock that jumps from event to event, and a sleeper that ends each sleep late by what it is told. */
class FakeTime {
  now = 1_000_000
  /** When the sleep under way will end. */
  wakesAt: number | undefined
  sleeps = 0
  lateUs: () => number = () => 0

  nowUs(): number {
    return this.now
  }

  sleepUntil(untilUs: number): void {
    if (this.wakesAt !== undefined) throw new Error('asked for a sleep while one was under way')
    this.sleeps++
    this.wakesAt = Math.max(untilUs, this.now) + this.lateUs()
  }

  /** Lets time pass until then, waking the line as often as it asked for. */
  passUntil(untilUs: number, line: DelayLine): void {
    while (this.wakesAt !== undefined && this.wakesAt <= untilUs) {
      this.now = this.wakesAt
      this.wakesAt = undefined
      line.wake()
    }
    this.now = untilUs
  }
}

const lineOf = (delayUs: number, lateUs: () => number = () => 0) => {
  const time = new FakeTime()
  time.lateUs = lateUs
  return { time, line: new DelayLine(delayUs, time) }
}

test('an action runs after the delay and not before', () => {
  const { time, line } = lineOf(500)
  let ranAt: number | undefined
  const start = time.now
  line.push(() => {
    ranAt = time.now
  })
  time.passUntil(start + 499, line)
  expect(ranAt).toBeUndefined()
  expect(line.waiting).toBe(1)
  time.passUntil(start + 500, line)
  expect(ranAt).toBe(start + 500)
  expect(line.waiting).toBe(0)
})

test('with no delay actions run at once, without a sleep', () => {
  const { time, line } = lineOf(0)
  let runs = 0
  line.push(() => runs++)
  expect(runs).toBe(1)
  expect(time.sleeps).toBe(0)
})

test('the overshoot of sleeps is learnt and subtracted: what follows is in time', () => {
  const { time, line } = lineOf(2000, () => 80)
  const errors: number[] = []
  for (let i = 0; i < 20; i++) {
    const due = time.now + 2000
    line.push(() => errors.push(time.now - due))
    time.passUntil(time.now + 5000, line)
  }
  expect(errors[0]).toBe(80)
  expect(errors.slice(1).every((error) => error === 0)).toBe(true)
  expect(line.overshootUs).toBe(80)
})

test('a sleep that ends too early is followed by a shorter one, so nothing leaves more than 20 us early', () => {
  let late = 100
  const { time, line } = lineOf(1000, () => late)
  const errors: number[] = []
  const one = (): void => {
    const due = time.now + 1000
    line.push(() => errors.push(time.now - due))
    time.passUntil(time.now + 5000, line)
  }
  for (let i = 0; i < 70; i++) one()
  late = 10
  one()
  const last = errors.at(-1) ?? 0
  expect(last).toBeGreaterThanOrEqual(-20)
  expect(last).toBeLessThan(100)
})

test('an overshoot longer than the delay is unlearnt when the machine is quiet again, and never makes it poll', () => {
  let late = 5000
  const { time, line } = lineOf(500, () => late)
  let error = 0
  const one = (): void => {
    const due = time.now + 500
    line.push(() => {
      error = time.now - due
    })
    time.passUntil(time.now + 20_000, line)
  }
  for (let i = 0; i < 70; i++) one()
  late = 30
  time.sleeps = 0
  for (let i = 0; i < 100; i++) one()
  expect(time.sleeps).toBeLessThan(100 * 5)
  expect(line.overshootUs).toBe(30)
  expect(Math.abs(error)).toBeLessThanOrEqual(20)
})

test('a short delay is never shortened by more than a tenth', () => {
  const { time, line } = lineOf(50)
  let ranAt = 0
  const start = time.now
  line.push(() => {
    ranAt = time.now
  })
  time.passUntil(start + 44, line)
  expect(ranAt).toBe(0)
  time.passUntil(start + 50, line)
  expect(ranAt).toBeGreaterThan(0)
})

test('a delay that becomes shorter lets nothing overtake', () => {
  const { time, line } = lineOf(1000)
  const order: string[] = []
  line.push(() => order.push('first'))
  line.delayUs = 0
  line.push(() => order.push('second'))
  expect(order).toEqual([])
  time.passUntil(time.now + 2000, line)
  expect(order).toEqual(['first', 'second'])
})

test('an action that pushes another one is delayed like any', () => {
  const { time, line } = lineOf(300)
  const ranAt: number[] = []
  const start = time.now
  line.push(() => {
    ranAt.push(time.now)
    line.push(() => ranAt.push(time.now))
  })
  time.passUntil(start + 10_000, line)
  expect(ranAt).toEqual([start + 300, start + 600])
})

test('whatever arrives whenever: everything runs once, in order, never more than 20 us early', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 300 }),
      fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 50 }),
      fc.integer({ min: 200, max: 10_000 }),
      (gapsUs, latesUs, delayUs) => {
        let sleeps = 0
        const { time, line } = lineOf(delayUs, () => latesUs[sleeps++ % latesUs.length] ?? 0)
        const ran: number[] = []
        const errors: number[] = []
        for (const [index, gapUs] of gapsUs.entries()) {
          time.passUntil(time.now + gapUs, line)
          const due = time.now + delayUs
          line.push(() => {
            ran.push(index)
            errors.push(time.now - due)
          })
        }
        time.passUntil(time.now + 100_000, line)
        expect(ran).toEqual(gapsUs.map((_, index) => index))
        expect(Math.min(...errors)).toBeGreaterThanOrEqual(-20)
        // Late by one overshoot for the sleep under way when it became due, and one for its own.
        expect(Math.max(...errors)).toBeLessThanOrEqual(2 * 300)
      },
    ),
  )
})

test('a long queue is worked off completely', () => {
  const { time, line } = lineOf(1000)
  let runs = 0
  for (let i = 0; i < 5000; i++) {
    time.passUntil(time.now + 1, line)
    line.push(() => runs++)
  }
  time.passUntil(time.now + 5000, line)
  expect(runs).toBe(5000)
  expect(line.waiting).toBe(0)
  // Answers that are due together leave together: far fewer sleeps than answers.
  expect(time.sleeps).toBeLessThan(1000)
})
