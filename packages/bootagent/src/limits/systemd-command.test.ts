import { expect, test } from 'vitest'
import { attemptOfScope, changeCommand, scopeCommand, scopeOf } from './systemd-command.ts'

const key = '5f3a9c1e'
const group = { agent: 'metrics', attempt: '000012-deadbeef' }
const scope = scopeOf(key, group)

test('a shim is started behind one scope with all its limits', () => {
  const limits = {
    cpuPercent: 10,
    memoryBytes: 20 * 1024 ** 2,
    pids: 7,
    openFiles: 1024,
    disk: [{ device: '8:0', readBytes: 10, writeBytes: 20, readOperations: 30, writeOperations: 40 }],
  }
  expect(scopeCommand('/usr/bin/systemd-run', scope, limits)).toEqual([
    '/usr/bin/systemd-run',
    '--scope',
    '--quiet',
    '--collect',
    '--slice=bootagent.slice',
    '--unit=bootagent-5f3a9c1e-metrics-000012-deadbeef.scope',
    '--description=An agent of BootAgent',
    '--property=Delegate=yes',
    '--property=Before=bootagent.service',
    '--property=MemoryMax=20971520',
    '--property=MemorySwapMax=0',
    '--property=CPUQuota=10%',
    '--property=TasksMax=8',
    '--property=IOReadBandwidthMax=/dev/block/8:0 10',
    '--property=IOWriteBandwidthMax=/dev/block/8:0 20',
    '--property=IOReadIOPSMax=/dev/block/8:0 30',
    '--property=IOWriteIOPSMax=/dev/block/8:0 40',
    '--',
  ])
})

test('without limits there is a scope all the same: it is how the processes are known', () => {
  const properties = scopeCommand('systemd-run', scope, {}).filter((word) => word.startsWith('--property='))
  expect(properties).toEqual(['--property=Delegate=yes', '--property=Before=bootagent.service'])
})

test('a change gives what is limited, and lifts what is not', () => {
  expect(changeCommand('systemctl', scope, { memoryBytes: 1024 ** 2, disk: [{ device: '8:0', readBytes: 10 }] })).toEqual([
    'systemctl',
    'set-property',
    '--runtime',
    scope,
    'CPUQuota=',
    'TasksMax=infinity',
    'IOReadBandwidthMax=',
    'IOWriteBandwidthMax=',
    'IOReadIOPSMax=',
    'IOWriteIOPSMax=',
    'MemoryMax=1048576',
    'MemorySwapMax=0',
    'IOReadBandwidthMax=/dev/block/8:0 10',
  ])
})

test('part of a percent is rounded up: systemd before 240 knows whole ones only', () => {
  expect(scopeCommand('systemd-run', scope, { cpuPercent: 1.25 })).toContain('--property=CPUQuota=2%')
})

test('a scope is told by its agent and attempt', () => {
  expect(attemptOfScope(scope, key, 'metrics')).toBe('000012-deadbeef')
  expect(attemptOfScope(scope, '00000000', 'metrics')).toBeUndefined()
  expect(attemptOfScope(`bootagent-${key}-trial-4711.scope`, key, 'trial')).toBeUndefined()
})

test('an agent whose name goes on after that of another keeps its scopes', () => {
  for (const agent of ['metrics-2', 'metrics-000001', 'metrics-000001-deadbeef']) {
    const other = scopeOf(key, { ...group, agent })
    expect(attemptOfScope(other, key, 'metrics')).toBeUndefined()
    expect(attemptOfScope(other, key, agent)).toBe('000012-deadbeef')
  }
})
