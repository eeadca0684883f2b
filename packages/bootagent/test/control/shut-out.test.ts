import type { StatusReport } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import type { HostPicture } from '../../src/control/picture.ts'
import { type Asked, scriptedServer } from '../remote/scripted-server.ts'
import { bootagent, createHostWith, startBootAgent } from './daemon.ts'

// Its agents run, and all looks well: who is logged in must see that nobody is told of it, and the server must learn that it was so.
test('a host that its server lets in no more asks less often, says so, and tells the server once it is let in', async () => {
  const diary: Asked[] = []
  let says: object | number = 401
  const server = await scriptedServer('server', diary, () => says)
  const url = `http://${server.host}:${server.port}`
  const host = createHostWith({ metrics: { fixture: 'runs-forever' } }, { server: url, config: { retry: 0.05 } })
  const daemon = await startBootAgent(host)
  expect(await daemon.line(({ kind }) => kind === 'shut-out')).toMatchObject({ why: [`${url}: the server answered 401`] })

  const { data } = await bootagent(host, 'status')
  expect(data).toMatch(/^metrics .* running /m)
  expect(data).toMatch(
    new RegExp(`^Not let in by any server, \\d+ times in a row, since .* UTC:\\n  ${url}: the server answered 401$`, 'm'),
  )
  const { hearing } = JSON.parse((await bootagent(host, 'status', '--json')).data) as HostPicture
  expect(hearing).toMatchObject({ silent: { why: [`${url}: the server answered 401`] } })
  expect(hearing).not.toHaveProperty('answered')

  says = { status: 0, agentsn: 'test', jobs: [] }
  await daemon.line(({ kind }) => kind === 'reported')
  const told = diary.flatMap(({ body }) => (body as Partial<StatusReport>).events ?? [])
  expect(told.at(-1)).toMatchObject({ category: 'shut-out', message: expect.stringContaining('5 times in a row') })
  expect((await bootagent(host, 'status')).data).not.toContain('Not let in')
})
