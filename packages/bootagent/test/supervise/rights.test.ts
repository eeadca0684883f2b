import { chmodSync, readFileSync, statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { agentPaths } from '../../src/state/paths.ts'
import { setStage } from './stage.ts'

// Only root can give an agent rights of its own.
describe.skipIf(process.geteuid?.() !== 0)('an agent with rights of its own', () => {
  test('has its user, group, mask, files and no new rights; its directories are its own, and the home stays closed to its eyes', async () => {
    const { hear, host } = await setStage({
      agents: {
        metrics: {
          fixture: 'tells-rights',
          rights: { user: 'nobody', umask: '027', noNewPrivileges: true },
          limits: { nofile: 100 },
        },
      },
      // The test's own directory is closed to others; what leads to a home is not ours to open.
      before: ({ root }) => chmodSync(root, 0o711),
      environment: ({ paths }) => ({ PATH: '/usr/bin:/bin', BOOTAGENT_SECRET: paths.metafile }),
    })
    const { pid } = await hear('agent-started')
    const own = agentPaths(host.paths, 'metrics')
    const output = await lastLineOf(own.output, 'may-read-itself')
    expect(output.split('\n')).toEqual(
      expect.arrayContaining(['65534', '0027', '100', 'NoNewPrivs:\t1', 'may-write', 'may-read-itself']),
    )
    expect(output).not.toContain('may-read-the-metafile')
    expect(statSync(`/proc/${pid}`).uid).toBe(65_534)
    expect(statSync(own.data).uid).toBe(65_534)
    expect(statSync(host.paths.home).mode & 0o777).toBe(0o711)
  })

  test('that this host does not know cannot be started, and is told what to do about it', async () => {
    const { hear, metafile } = await setStage({
      agents: { metrics: { fixture: 'runs-forever', rights: { user: 'nobody-of-that-name' } } },
    })
    const { exit } = await hear('agent-exited')
    expect(exit).toMatchObject({ cause: 'start-failed', detail: expect.stringContaining('no user "nobody-of-that-name"') })
    expect(metafile.read().events).toMatchObject([{ category: 'agent-start-failed' }])
  })
})

async function lastLineOf(path: string, line: string): Promise<string> {
  for (;;) {
    const text = readFileSync(path, 'utf8')
    if (text.includes(`${line}\n`)) return text
    await pause(10)
  }
}
