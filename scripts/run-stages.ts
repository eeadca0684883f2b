import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'

/** One program whose success is one part of a check. */
export interface Stage {
  readonly name: string
  /** A program of node_modules/.bin or of the system; `node` is the project's own. */
  readonly command: readonly [program: string, ...args: string[]]
}

const ROOT = dirname(import.meta.dirname)

/**
 * Runs the stages in the given order, as many at a time as there are cores; prints a line each with its time, and the
 * whole output of those that fail. Resolves to the names of these.
 */
export async function runStages(stages: readonly Stage[]): Promise<string[]> {
  const waiting = [...stages]
  const failed: string[] = []
  const lane = async (): Promise<void> => {
    for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift()) {
      const since = performance.now()
      const { code, output } = await runStage(stage)
      const seconds = ((performance.now() - since) / 1000).toFixed(1)
      process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${stage.name.padEnd(8)} ${seconds.padStart(6)} s\n`)
      if (code === 0) continue
      failed.push(stage.name)
      process.stdout.write(`${output.trimEnd()}\n\n`)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  return failed
}

function runStage({ command: [program, ...args] }: Stage): Promise<{ code: number; output: string }> {
  const path = [join(ROOT, 'node_modules', '.bin'), process.env['PATH']].join(delimiter)
  const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, PATH: path }, stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise((resolve) => {
    const finish = (code: number, last = '') => resolve({ code, output: `${Buffer.concat(chunks).toString()}${last}` })
    child.on('error', (error) => finish(1, error.message))
    child.on('close', (code, signal) => finish(code ?? 1, signal === null ? '' : `ended by ${signal}`))
  })
}
