import { strict as assert } from 'node:assert'
import { type Answer, ask } from '../ask.ts'
import { order, publish } from '../operator.ts'
import { newHost } from '../seed-host.ts'
import type { ServerCase, ServerGround } from '../server-case.ts'

/** The address in a job leads to the package (PROTOCOL.md 8). */
export const DOWNLOAD_CASES: readonly ServerCase[] = [
  {
    name: 'download-whole',
    claim: 'A plain GET of the address in a job brings the published bytes, as many as announced and not compressed',
    source: 'PROTOCOL.md 8',
    async run(ground) {
      const { bytes, get } = await ordered(ground)
      const { status, headers, bytes: got } = await get({})
      assert.deepEqual([status, headers['content-length'], headers['content-encoding']], [200, String(bytes.length), undefined])
      assert.deepEqual(got, bytes)
    },
  },
  {
    name: 'download-range',
    claim: 'A download that was cut goes on from where it was, by Range',
    source: 'PROTOCOL.md 8',
    async run(ground) {
      const { bytes, get } = await ordered(ground)
      const { status, headers, bytes: rest } = await get({ range: 'bytes=5-' })
      assert.deepEqual([status, headers['content-range']], [206, `bytes 5-${bytes.length - 1}/${bytes.length}`])
      assert.deepEqual(rest, bytes.subarray(5))
    },
  },
  {
    name: 'download-repeatable',
    claim: 'The same address brings the same bytes each time, and the same ETag, by which a host knows them',
    source: 'PROTOCOL.md 8',
    async run(ground) {
      const { get } = await ordered(ground)
      const [first, second] = [await get({}), await get({})]
      assert.deepEqual(second.bytes, first.bytes)
      assert.equal(second.headers.etag, first.headers.etag ?? assert.fail('there is no ETag'))
    },
  },
]

async function ordered(ground: ServerGround): Promise<{ bytes: Buffer; get(headers: Record<string, string>): Promise<Answer> }> {
  const host = await newHost(ground)
  const { name, bytes } = await publish(ground)
  await order(ground, host, { action: 'install', name })
  const [job] = await host.report()
  const path = String(job?.['url'])
  return { bytes, get: (headers) => ask(ground, { method: 'GET', path, headers: { 'accept-encoding': 'identity', ...headers } }) }
}
