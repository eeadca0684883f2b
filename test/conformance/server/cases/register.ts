import { strict as assert } from 'node:assert'
import { randomUUID } from 'node:crypto'
import { PATHS, SEED } from '../../seed.ts'
import { post, register, report, reportOf } from '../seed-host.ts'
import type { ServerCase } from '../server-case.ts'

/** A host registers (seed 001, 启动注册接口). */
export const REGISTER_CASES: readonly ServerCase[] = [
  {
    name: 'register-verbatim',
    claim: "The seed's own registration is accepted, with a reply of the seed's fields and types",
    source: 'seed, register',
    async run(ground) {
      const body = JSON.parse(SEED.registration) as object
      const { agentsn } = await register(ground, body)
      assert.notEqual(agentsn, '', 'the host was accepted without an agentsn')
    },
  },
  {
    name: 'register-accepts',
    claim: 'A new host is accepted with status 0 and the agentsn it asked for',
    source: 'seed, register',
    async run(ground) {
      const agentsn = randomUUID()
      const reply = await register(ground, { hostname: `host-${agentsn}`, agentsn })
      assert.deepEqual({ ...reply, tags: '' }, { status: 0, agentsn, tags: '' })
    },
  },
  {
    name: 'register-again',
    claim: 'A host that registers again, because the answer was lost, is the same host',
    source: 'seed, register',
    async run(ground) {
      const request = { hostname: `host-${randomUUID()}`, agentsn: randomUUID() }
      for (let time = 0; time < 3; time += 1) assert.equal((await register(ground, request)).agentsn, request.agentsn)
    },
  },
  {
    name: 'register-clone',
    claim: 'Another machine with the same agentsn gets one of its own, the same each time it asks; the first keeps its own',
    source: 'seed, register',
    async run(ground) {
      const agentsn = randomUUID()
      const [first, clone] = [`host-${randomUUID()}`, `host-${randomUUID()}`]
      await register(ground, { hostname: first, agentsn })
      const given = (await register(ground, { hostname: clone, agentsn })).agentsn
      assert.notEqual(given, agentsn, 'two machines were given one agentsn')
      assert.equal(
        (await register(ground, { hostname: clone, agentsn })).agentsn,
        given,
        'the clone was given yet another agentsn',
      )
      assert.equal((await register(ground, { hostname: first, agentsn })).agentsn, agentsn, 'the first machine lost its agentsn')
      await report(ground, reportOf({ hostname: clone, agentsn: given }))
    },
  },
  {
    name: 'register-unknown-fields',
    claim: 'Fields the server does not know are no reason to refuse a registration',
    source: 'PROTOCOL.md 2',
    async run(ground) {
      const agentsn = randomUUID()
      const request = { hostname: `host-${agentsn}`, agentsn, ipaddr: '192.0.2.7', future: { deep: [1, null] } }
      assert.equal((await register(ground, request)).agentsn, agentsn)
    },
  },
  {
    name: 'register-any-type',
    claim: 'A registration counts under any content type, and without one: the seed names none',
    source: 'seed, register',
    async run(ground) {
      for (const type of ['', 'text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-8']) {
        const { status } = await post(ground, PATHS.register, SEED.registration, type)
        assert.equal(status, 200, `as "${type}" it was answered ${status}`)
      }
    },
  },
]
