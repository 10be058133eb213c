import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../environment/compiled-path.ts'

/** The whole tool in a process of its own, as a user starts it, with folders of its own. */
export class HarnessProcess implements AsyncDisposable {
  readonly child: ChildProcess
  readonly folder = mkdtempSync(join(tmpdir(), 'authcost-harness-test-'))
  stdout = ''
  stderr = ''
  readonly ended: Promise<number>

  /** @param by whether it is started by itself, or as the README says, through npm */
  constructor(
    options: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    by: 'node' | 'npm' = 'node',
  ) {
    // Below a folder of mode 0700 an unprivileged Postgres could not run in TMPDIR.
    chmodSync(this.folder, 0o711)
    const root = packageRoot(import.meta.dirname)
    const [program, ...first] =
      by === 'npm' ? ['npm', '--prefix', root, 'run', 'bench', '--'] : [process.execPath, join(root, 'dist', 'main.js')]
    // A run that goes on writes where it began.
    const out = options.includes('--resume') ? [] : ['--out', join(this.folder, 'reports')]
    this.child = spawn(program ?? '', [...first, ...options, ...out], {
      cwd: this.folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        TMPDIR: this.folder,
        XDG_STATE_HOME: join(this.folder, 'state'),
        TESTCONTAINERS_RYUK_DISABLED: 'true',
        ...environment,
      },
    })
    this.child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.stdout += chunk
    })
    this.child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.stderr += chunk
    })
    // npm ends itself by the signal that it got: a shell says 128 + its number.
    this.ended = new Promise((resolve) =>
      this.child.once('exit', (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      ),
    )
  }

  /** Resolves when the progress shows the text; rejects when the process ends before. */
  async shows(text: string | RegExp, timeoutMs = 60_000): Promise<void> {
    const until = performance.now() + timeoutMs
    const seen = () => (typeof text === 'string' ? this.stderr.includes(text) : text.test(this.stderr))
    while (!seen()) {
      if (this.child.exitCode !== null || performance.now() > until) {
        throw new Error(`never showed ${text}; it wrote:\n${this.stderr}${this.stdout}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Resolves when a slice is on disk: something is measured, and more will be. */
  async hasMeasured(timeoutMs = 60_000): Promise<void> {
    const reports = join(this.folder, 'reports')
    const until = performance.now() + timeoutMs
    const measured = () =>
      readdirSync(reports).some((run) =>
        readFileSync(join(reports, run, 'slices.ndjson'), 'utf8').includes('\n{"slice":'),
      )
    while (!measured()) {
      if (this.child.exitCode !== null || performance.now() > until) {
        throw new Error(`never measured anything; it wrote:\n${this.stderr}${this.stdout}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** As Ctrl-C on a terminal does: to the whole foreground process group. */
  interrupt(signal: 'SIGINT' | 'SIGTERM'): void {
    process.kill(-(this.child.pid ?? 0), signal)
  }

  /** Processes this harness has started and that still run, found by its own temporary folder or by their parent. */
  descendants(): readonly { readonly pid: number; readonly command: string }[] {
    const all = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
          const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
          const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
          return [{ pid: Number(name), parent, command }]
        } catch {
          return []
        }
      })
    const family = new Set([this.child.pid ?? 0])
    for (let grown = true; grown; ) {
      grown = false
      for (const { pid, parent } of all) {
        if (family.has(parent) && !family.has(pid)) {
          family.add(pid)
          grown = true
        }
      }
    }
    return all
      .filter(({ pid, command }) => pid !== this.child.pid && (family.has(pid) || command.includes(this.folder)))
      .map(({ pid, command }) => ({ pid, command }))
  }

  /** Waits until none of the given processes runs any more. */
  async allGone(pids: readonly number[], timeoutMs = 10_000): Promise<boolean> {
    const until = performance.now() + timeoutMs
    const alive = (pid: number) => {
      try {
        process.kill(pid, 0)
        return true
      } catch {
        return false
      }
    }
    while (pids.some(alive)) {
      if (performance.now() > until) return false
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return true
  }

  /** Temporary folders of its own that are still there. */
  leftovers(): readonly string[] {
    return readdirSync(this.folder).filter((name) => name !== 'reports' && name !== 'state')
  }

  /** The only run's results, as written. */
  results(): Record<string, unknown> {
    const value: unknown = JSON.parse(readFileSync(join(this.folder, 'reports', 'latest', 'results.json'), 'utf8'))
    if (typeof value !== 'object' || value === null) throw new Error('results.json holds no object')
    return { ...value }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.interrupt('SIGTERM')
      await this.ended
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}
