import { renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { Command } from 'commander'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { estimate } from '../estimates/estimate.ts'
import { renderTerminal } from '../report/terminal.ts'
import { writeReport } from '../report/write-report.ts'
import { readResults } from '../results/read-results.ts'
import { makeFolder } from '../results/run-folder.ts'
import type { CommandContext, ExitCode } from './command-context.ts'

/** `report`: draws everything again from the record alone, without servers or database. */
export const reportCommand = (context: CommandContext, exit: (code: ExitCode) => void): Command =>
  new Command('report')
    .summary('draw a report again from results.json or a run folder')
    .description(
      'Draws report, summary and CSV again from the record alone: no server, no database. A run that was killed is drawn from what it had measured.',
    )
    .argument('<results>', 'results.json, slices.ndjson or a run folder')
    .option('--out <folder>', 'where to write; default: beside the record')
    .action(async (path: string, options: { readonly out?: string }) => {
      const results = readResults(path, estimate)
      const out = options.out ?? (statSync(path).isDirectory() ? path : dirname(path))
      await writeReport(results, (name, text) => write(out, name, text))
      context.print(renderTerminal(results, { width: context.width, colour: context.colour }))
      context.print(`\nReport: ${relative(process.cwd(), join(out, 'index.html'))}\n`)
      exit(0)
    })

function write(folder: string, name: string, text: string): void {
  const path = join(folder, name)
  try {
    makeFolder(resolve(folder))
    writeFileSync(`${path}.tmp`, text)
    renameSync(`${path}.tmp`, path)
  } catch (cause) {
    throw new AuthcostError(
      'results.write',
      `Cannot write ${path}: ${cause instanceof Error ? cause.message : cause}. Choose another folder with --out.`,
      { cause },
    )
  }
}
