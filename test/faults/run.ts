import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { CELLS } from './cells.ts'
import { openLab } from './lab.ts'
import { formatMatrix } from './matrix.ts'
import { runCells } from './run-cells.ts'

/** Set in the environment of who runs with mounts of its own. */
const ALONE = 'BOOTAGENT_FAULTS_ALONE'

/** `npm run faults`: every scenario under every fault; see README.md beside this file. */
process.exitCode =
  process.geteuid?.() === 0 && process.env[ALONE] === undefined ? await runAlone() : await main(process.argv.slice(2))

/** With mounts of its own: whatever becomes of it, none of them is left to the machine. */
async function runAlone(): Promise<number> {
  const args = ['--mount', '--propagation', 'private', process.execPath, ...process.argv.slice(1)]
  const alone = spawn('unshare', args, { stdio: 'inherit', env: { ...process.env, [ALONE]: '1' } })
  // It clears up and ends, and we end after it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => alone.kill(signal))
  const [code] = (await once(alone, 'exit')) as [number | null]
  return code ?? 1
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true },
      sample: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      jobs: { type: 'string', default: '2' },
      seed: { type: 'string' },
    },
  })
  const wanted = (values.only ?? ['']).map((pattern) => new RegExp(pattern))
  const cells = CELLS.filter(({ scenario, fault }) => wanted.some((pattern) => pattern.test(`${scenario}, ${fault}`)))
  if (values.list) {
    for (const { scenario, fault } of cells) process.stdout.write(`${scenario}, ${fault}\n`)
    return 0
  }
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32))
  say(`seed ${seed}`)
  const lab = await openLab()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void lab.end().then(() => process.exit(130)))
  try {
    const rows = await runCells(lab, cells, {
      sample: values.sample,
      seed,
      jobs: Number(values.jobs),
      onCase: ({ scenario, fault }, { name, fired, outcome, problems }) => {
        const fate = problems.length > 0 ? `NOT SURVIVED: ${problems.join('; ')}` : fired ? 'survived' : 'nothing left to fail'
        say(`${scenario}, ${fault}: ${name}: ${fate} (${outcome})`)
      },
    })
    process.stdout.write(values.json ? `${JSON.stringify({ seed, rows }, undefined, 1)}\n` : `${formatMatrix(rows)}\n`)
    return rows.every(({ cases, survived }) => cases === survived) ? 0 : 1
  } finally {
    await lab.end()
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
