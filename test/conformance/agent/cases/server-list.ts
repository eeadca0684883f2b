import { strict as assert } from 'node:assert'
import type { AgentCase } from '../agent-case.ts'
import { NOTHING, verbatim } from '../answers.ts'
import { accept, meet, pass, takeRegistration, takeReport } from '../talk.ts'

const FAULT = verbatim('{"status": 0, "jobs": []}', 500)

/** Several servers (seed 001, 服务器地址; PROTOCOL.md 7). */
export const SERVER_LIST_CASES: readonly AgentCase[] = [
  {
    name: 'servers-in-order',
    claim: 'Servers are asked in the order of the list, one named twice is asked twice, and a trailing comma is no server',
    source: 'seed, server addresses',
    async run(stage) {
      const [first, second] = [await stage.listen(), await stage.listen()]
      stage.start(`${first.address},${first.address},${second.address},`)
      for (const server of [first, first]) {
        const asked = await takeRegistration(stage)
        assert.equal(asked.server, server.address)
        asked.answer(FAULT)
      }
      const asked = await takeRegistration(stage)
      assert.equal(asked.server, second.address)
      accept(asked)
    },
  },
  {
    name: 'servers-stay',
    claim: 'It stays with the server that answered last, and goes on to the next only when that one fails',
    source: 'PROTOCOL.md 7',
    async run(stage) {
      const [dead, first, second] = [await stage.listen(), await stage.listen(), await stage.listen()]
      await dead.close()
      stage.start(`${dead.address},${first.address},${second.address}`)
      const asked = await takeRegistration(stage)
      assert.equal(asked.server, first.address, 'a server that does not listen is passed over')
      accept(asked)
      for (let time = 0; time < 3; time += 1) assert.equal((await pass(stage)).server, first.address)
      const failing = await takeReport(stage)
      failing.answer(FAULT)
      assert.deepEqual([failing.server, (await pass(stage)).server], [first.address, second.address])
      for (let time = 0; time < 3; time += 1) assert.equal((await pass(stage)).server, second.address)
    },
  },
  {
    name: 'servers-none',
    claim: 'With every server silent it goes on asking, and takes up the talk where it was',
    source: 'PROTOCOL.md 2',
    async run(stage) {
      const { agentsn } = await meet(stage)
      for (let time = 0; time < 3; time += 1) (await takeReport(stage)).answer(FAULT)
      const asked = await takeReport(stage)
      asked.answer(NOTHING)
      assert.equal(asked.report.agentsn, agentsn)
    },
  },
  {
    name: 'servers-first-start-only',
    claim: 'The list on the command line counts at the first start only; later it is ignored',
    source: 'seed, server addresses',
    async run(stage) {
      const { server } = await meet(stage)
      const other = await stage.listen()
      await stage.kill()
      stage.start(other.address)
      for (let time = 0; time < 3; time += 1) assert.equal((await pass(stage)).server, server.address)
    },
  },
]
