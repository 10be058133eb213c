import { AuthcostError } from '../../servers/contract/errors.ts'
import type { Refusal } from '../../servers/contract/strategy.ts'
import type { MicroKind } from '../record/micro.ts'

/** Something to call for the request at a place of the walk. */
export interface Call {
  readonly name: string
  readonly kind: MicroKind
  readonly async: boolean
  call(place: number): unknown
}

/** What a part answers of a good request. */
type Good<Output> = Exclude<Awaited<Output>, Refusal>

const isRefusal = (output: unknown): output is Refusal =>
  typeof output === 'object' && output !== null && 'refused' in output

const isGood = <Output>(output: Awaited<Output>): output is Good<Output> => !isRefusal(output)

/**
 * Collects the parts of an authentication step in their order. Each is run once over all requests, whose outputs are the
 * next part's inputs: so a part is timed with what it really gets, for many users, and a chain that does not end with the
 * right identities is noticed.
 */
export class PartList {
  readonly calls: Call[] = []

  /**
   * Adds a part and answers its outputs.
   *
   * @throws {AuthcostError} `micro.refused` where the part refuses a request that is good.
   */
  async part<Input, Output>(
    name: string,
    inputs: readonly Input[],
    run: (input: Input, place: number) => Output,
  ): Promise<readonly Good<Output>[]> {
    const outputs: Good<Output>[] = []
    let async = false
    for (const [place, input] of inputs.entries()) {
      const answer = run(input, place)
      async ||= answer instanceof Promise
      const output = await answer
      if (!isGood<Output>(output)) {
        throw new AuthcostError('micro.refused', `Its part "${name}" refused a good credential, number ${place}.`)
      }
      outputs.push(output)
    }
    this.calls.push({ name, kind: 'part', async, call: callOver(inputs, run) })
    return outputs
  }
}

/** `run` for the input at a place; places beyond the end do not occur. */
export function callOver<Input>(
  inputs: readonly Input[],
  run: (input: Input, place: number) => unknown,
): (place: number) => unknown {
  return (place) => {
    const input = inputs[place]
    return input === undefined ? undefined : run(input, place)
  }
}
