import { expect, test } from 'vitest'
import { doctorCommand } from './doctor.ts'

const doctor = (postgres: string): Promise<unknown> =>
  doctorCommand(
    {
      print: () => undefined,
      progress: { isTTY: false, columns: 80, write: () => undefined },
      width: 80,
      colour: false,
      signal: new AbortController().signal,
      argv: [],
    },
    () => undefined,
  ).parseAsync(['--postgres', postgres], { from: 'user' })

test.each(['embedded', 'auto', 'nonsense', 'http://canary@db/x'])(
  'doctor refuses --postgres %s, which names no database that runs, and repeats no address',
  async (postgres) => {
    const refused = doctor(postgres)
    await expect(refused).rejects.toMatchObject({ code: 'usage.postgres-url' })
    await expect(refused).rejects.not.toThrow(/canary/)
  },
)

test('doctor refuses an address that names no database', async () => {
  await expect(doctor('postgres://127.0.0.1')).rejects.toThrow(/names no database/)
})
