import { strict as assert } from 'node:assert'
import { SEED, type SeedJob, type SeedResult } from '../../seed.ts'
import type { AgentCase } from '../agent-case.ts'
import { verbatim } from '../answers.ts'
import { isOwnNetwork, SEED_SERVER } from '../own-network.ts'
import type { Stage } from '../stage.ts'
import { endings, meet, pass, passUntil } from '../talk.ts'

const [, CONFIG] = (JSON.parse(SEED.reply) as { jobs: [SeedJob, SeedJob] }).jobs
const ID = String(CONFIG['id'])

/**
 * The seed's own status reply, byte for byte: an install by ftp from a port that is a word, and a config whose server is
 * 192.168.9.1:1234, both under one id. Only ever in a network of the case's own.
 */
export const SEED_REPLY_CASES: readonly AgentCase[] = [
  {
    name: 'seed-reply-kept',
    claim: "The seed's own reply: the install is answered, and the new server list and step are kept when that server answers",
    source: 'seed, status',
    needs: 'own-network',
    async run(stage) {
      const old = await meetAlone(stage)
      const fresh = await stage.listen(SEED_SERVER)
      await pass(stage, verbatim(SEED.reply))
      // Told to the new server, they are also brought to the one that asked: the same, and so once here.
      const results = new Map<string, SeedResult>()
      await passUntil(stage, 'both results, and a report to the new server with the new step', ({ report, server }) => {
        for (const result of report.jobs) results.set(JSON.stringify(result), result)
        return results.size >= 2 && server === fresh.address && report.step === CONFIG['step']
      })
      assert.deepEqual(endings([...results.values()]), [`${ID} done`, `${ID} failed`])
      await stage.kill()
      stage.start(old.address)
      const { server, report } = await pass(stage)
      assert.deepEqual([server, report.step], [fresh.address, CONFIG['step']])
    },
  },
  {
    name: 'seed-reply-silent',
    claim: "The seed's own reply with nobody at its new address: the old list is back, and both results say that it failed",
    source: 'PROTOCOL.md 5',
    needs: 'own-network',
    async run(stage) {
      const old = await meetAlone(stage)
      await pass(stage, verbatim(SEED.reply))
      const results: SeedResult[] = []
      await passUntil(stage, 'both results', ({ report }) => results.push(...report.jobs) >= 2)
      assert.deepEqual(endings(results), [`${ID} failed`, `${ID} failed`])
      assert.deepEqual(
        results.filter(({ message }) => message === ''),
        [],
      )
      await stage.kill()
      // Another list on the command line: the old one can only come from the disk.
      stage.start((await stage.listen()).address)
      assert.equal((await pass(stage)).server, old.address)
    },
  },
]

/** The guard before the address is so much as mentioned to a BootAgent: out in the open it may be somebody's. */
async function meetAlone(stage: Stage) {
  assert.ok(isOwnNetwork(), 'this case may only be played in a network of its own')
  return (await meet(stage)).server
}
