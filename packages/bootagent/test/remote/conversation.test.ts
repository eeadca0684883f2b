import { readFileSync } from 'node:fs'
import { formatServer, type ServerAddress } from '@bootagent/protocol'
import { describe, expect, test } from 'vitest'
import { acknowledge } from '../../src/job/outbox.ts'
import { type Answered, type Conversation, createConversation } from '../../src/remote/conversation.ts'
import { exchange } from '../../src/remote/exchange.ts'
import { exampleJob, exampleMetafile } from '../scenes/example-metafile.ts'
import { type MetafileStore, openMetafile, writeFirstMetafile } from '../../src/state/metafile.ts'
import type { Metafile } from '../../src/state/metafile-schema.ts'
import { scratchHome } from '../state/scratch-home.ts'
import { type Asked, type Saying, scriptedServer } from './scripted-server.ts'
import { answerJson, deadAddress } from './servers.ts'

const OK = { status: 0, jobs: [] }
const CLAIMED = { agentsn: 'host-1', source: 'random', machine: 'm', standing: 'claimed' } as const
const LIVING = new AbortController().signal

/** A host with its metafile on a real disk, and the servers a test starts for it by name. */
interface Stage {
  readonly metafile: MetafileStore
  readonly conversation: Conversation
  /** Every request, in the order they came. */
  readonly diary: Asked[]
  readonly settled: Answered[]
  readonly registered: string[]
  /** The metafile as it is on the disk at this moment. */
  readonly onDisk: () => Metafile
}

const listOf = (servers: readonly ServerAddress[]) => servers.map(formatServer).join(',')

async function stage(
  servers: readonly ServerAddress[],
  more: {
    baked?: readonly ServerAddress[]
    diary?: Asked[]
    metafile?: Partial<Metafile>
    settle?: (answered: Answered) => Promise<void>
  } = {},
): Promise<Stage> {
  const paths = await scratchHome()
  const first = exampleMetafile({ svrlist: listOf(servers), ...more.metafile })
  await writeFirstMetafile(paths, first)
  const metafile = openMetafile(paths, first)
  const settled: Answered[] = []
  const registered: string[] = []
  const host = { hostname: 'web-1', version: 'bootagent-0.1.0-x86_64', bootid: 'b', os: 'linux', arch: 'x64' }
  const conversation = createConversation({
    metafile,
    baked: listOf(more.baked ?? []),
    introduction: { hostname: 'web-1', version: host.version, platform: { os: 'linux', arch: 'x64' } },
    exchange: { connect: 5000, whole: 5000, ca: undefined },
    facts: async () => ({ metafile: metafile.read(), views: new Map(), progress: [], host, uptime: 1, now: 1_700_000_000 }),
    async settle(answered) {
      await more.settle?.(answered)
      await metafile.update(acknowledge(answered.carried, 1_700_000_000))
      settled.push(answered)
      return true
    },
    onRegistered: (server) => registered.push(server),
  })
  const onDisk = () => JSON.parse(readFileSync(paths.metafile, 'utf8')) as Metafile
  return { metafile, conversation, diary: more.diary ?? [], settled, registered, onDisk }
}

/** Servers that always say the same, by their names. */
async function serversThatSay<Name extends string>(
  diary: Asked[],
  says: Readonly<Record<Name, Saying>>,
): Promise<Record<Name, ServerAddress>> {
  const servers = {} as Record<Name, ServerAddress>
  for (const name of Object.keys(says) as Name[]) servers[name] = await scriptedServer(name, diary, () => says[name])
  return servers
}

const namesIn = (diary: readonly Asked[]) => diary.map(({ server, path }) => `${server} ${path}`)

describe('a report', () => {
  test('goes to one server after another, the baked ones last, until one answers it properly', async () => {
    const diary: Asked[] = []
    const { a, b, c, d, e } = await serversThatSay(diary, {
      a: 500,
      b: { status: 'ok' },
      c: { status: 0, jobs: {} },
      d: OK,
      e: OK,
    })
    const { conversation, settled } = await stage([a, await deadAddress(), b], { baked: [c, d, e] })
    expect(await conversation.tell(LIVING)).toMatchObject({ kind: 'answered', answered: { server: formatServer(d), reply: OK } })
    expect(namesIn(diary)).toEqual(['a', 'b', 'c', 'd'].map((name) => `${name} /agent/status`))
    expect(settled).toHaveLength(1)
  })

  test('goes to the server that answered last, and on from there when it no longer does', async () => {
    const diary: Asked[] = []
    const says: Record<string, Saying> = { a: 500, b: OK, c: OK }
    const servers = await Promise.all(Object.keys(says).map((name) => scriptedServer(name, diary, () => says[name] ?? 500)))
    const { conversation } = await stage(servers)
    await conversation.tell(LIVING)
    Object.assign(says, { a: OK })
    await conversation.tell(LIVING)
    Object.assign(says, { b: 503, c: 503 })
    await conversation.tell(LIVING)
    await conversation.tell(LIVING)
    expect(diary.map(({ server }) => server)).toEqual(['a', 'b', 'b', 'b', 'c', 'a', 'a'])
  })

  test('that nobody answers says what each said, and for how long to leave them alone at most', async () => {
    const diary: Asked[] = []
    const busy =
      (seconds: string): Saying =>
      (response) =>
        void response.writeHead(503, { 'retry-after': seconds }).end()
    const { a, b, c } = await serversThatSay(diary, { a: busy('20'), b: busy('90'), c: 404 })
    const { conversation, settled, onDisk } = await stage([a, b], { baked: [c] })
    const before = onDisk()
    expect(await conversation.tell(LIVING)).toEqual({
      kind: 'silent',
      why: [
        `${formatServer(a)}: the server answered 503`,
        `${formatServer(b)}: the server answered 503`,
        `${formatServer(c)}: the server answered 404`,
      ],
      retryAfter: 90,
      denied: false,
    })
    expect([settled, onDisk()]).toEqual([[], before])
  })

  test('without any server is silence too', async () => {
    const { conversation } = await stage([])
    expect(await conversation.tell(LIVING)).toEqual({ kind: 'silent', why: [], retryAfter: undefined, denied: false })
  })

  test.each<[string, Saying, boolean]>([
    ['by all of them', 403, true],
    ['by some, while one is away', 503, false],
  ])('that is refused for who we are %s', async (_, second, denied) => {
    const { a, b } = await serversThatSay([], { a: 401, b: second })
    const { conversation } = await stage([a, b])
    expect(await conversation.tell(LIVING)).toMatchObject({ kind: 'silent', denied })
  })

  test('is acknowledged for what it carried, and not for what came while it was under way', async () => {
    const result = { id: 'j-1', errcode: 0, message: 'done' }
    const done = exampleJob({ state: 'done', result })
    const diary: Asked[] = []
    const server = await scriptedServer('a', diary, () => async (response) => {
      await metafile.update((current) => ({ ...current, jobs: { ...current.jobs, later: done } }))
      answerJson(response, OK)
    })
    const { conversation, metafile } = await stage([server], { metafile: { jobs: { sent: done } } })
    await conversation.tell(LIVING)
    expect(diary[0]?.body).toMatchObject({ jobs: [result] })
    expect(metafile.read().jobs).toEqual({ sent: { ...done, acknowledged: 1_700_000_000 }, later: done })
  })

  test('that is called off is silence, and asks nobody else', async () => {
    const called = new AbortController()
    const diary: Asked[] = []
    const servers = await Promise.all(['a', 'b'].map((name) => scriptedServer(name, diary, () => () => called.abort())))
    const { conversation } = await stage(servers)
    expect(await conversation.tell(called.signal)).toMatchObject({ kind: 'silent' })
    expect(namesIn(diary)).toEqual(['a /agent/status'])
  })
})

describe('a result that is owed to a server', () => {
  const done = (id: string, changes = {}) =>
    exampleJob({ state: 'done', result: { id, errcode: 0, message: 'done' }, ...changes })
  const from = 'http://asked.example:8180'
  const jobs = { owed: done('owed', { from, acknowledged: 1 }), ours: done('ours') }
  const events = [{ id: 'e', timestamp: 1, category: 'c', message: 'm' }]

  test('is brought to that one and no other, and nothing else is acknowledged by it', async () => {
    const diary: Asked[] = []
    const { a, b } = await serversThatSay(diary, {
      a: OK,
      b: { ...OK, jobs: [{ id: 'j-9', action: 'stop', name: 'x' }], tags: 'a=b' },
    })
    const { conversation, settled } = await stage([a], { metafile: { jobs, events } })
    expect(await conversation.tellOwed(formatServer(b), ['owed'], LIVING)).toBe(true)
    expect(diary).toMatchObject([{ server: 'b', body: { jobs: [{ id: 'owed' }], events: [] } }])
    // Whatever it asks for is not taken: the host obeys the server it stays with.
    const carried = { jobs: ['owed'], events: [], to: formatServer(b) }
    expect(settled).toEqual([{ server: formatServer(b), reply: { status: 0, jobs: [], tags: undefined }, carried }])
  })

  test('stays owed while that one is away, and the host stays with its own server', async () => {
    const diary: Asked[] = []
    const { a, b } = await serversThatSay(diary, { a: OK, b: 503 })
    const { conversation, settled } = await stage([a], { metafile: { jobs } })
    expect(await conversation.tellOwed(formatServer(b), ['owed'], LIVING)).toBe(false)
    expect(settled).toEqual([])
    await conversation.tell(LIVING)
    expect(namesIn(diary)).toEqual(['b /agent/status', 'a /agent/status'])
  })
})

describe('a host that is not registered', () => {
  test('registers, and then reports; the server’s word is on the disk before it is used', async () => {
    const diary: Asked[] = []
    const standings: string[] = []
    const server = await scriptedServer('a', diary, ({ path }) => {
      standings.push(onDisk().identity.standing)
      return path === '/agent/register' ? { status: 0, tags: 'svc=ecs' } : OK
    })
    const { conversation, registered, onDisk } = await stage([server], { metafile: { identity: CLAIMED } })
    await conversation.tell(LIVING)
    expect(namesIn(diary)).toEqual(['a /agent/register', 'a /agent/status'])
    expect(diary[0]?.body).toEqual({
      hostname: 'web-1',
      agentsn: 'host-1',
      machine: 'm',
      version: 'bootagent-0.1.0-x86_64',
      platform: { os: 'linux', arch: 'x64' },
    })
    expect(standings).toEqual(['claimed', 'registered'])
    expect([onDisk().tags, registered]).toEqual(['svc=ecs', [formatServer(server)]])
  })

  test('takes the agentsn it is given, and reports by it', async () => {
    const diary: Asked[] = []
    const server = await scriptedServer('a', diary, ({ path }) =>
      path === '/agent/register' ? { status: 0, agentsn: 'host-2' } : OK,
    )
    const { conversation, onDisk } = await stage([server], { metafile: { identity: CLAIMED } })
    await conversation.tell(LIVING)
    expect(diary[1]?.body).toMatchObject({ agentsn: 'host-2' })
    expect(onDisk().identity).toMatchObject({ agentsn: 'host-2', source: 'server' })
  })

  test.each([{ status: 0 }, { status: 0, agentsn: '' }, { status: 0, agentsn: 'host-1' }])(
    'keeps its own when it is answered %j',
    async (reply) => {
      const server = await scriptedServer('a', [], ({ path }) => (path === '/agent/register' ? reply : OK))
      const { conversation, onDisk } = await stage([server], { metafile: { identity: CLAIMED } })
      await conversation.tell(LIVING)
      expect(onDisk().identity).toEqual({ ...CLAIMED, standing: 'registered' })
    },
  )

  test('and is refused asks the next server, and reports to none that refused it', async () => {
    const diary: Asked[] = []
    const refusing = await scriptedServer('a', diary, ({ path }) => (path === '/agent/register' ? { status: 1 } : OK))
    const willing = await scriptedServer('b', diary, ({ path }) => (path === '/agent/register' ? { status: 0 } : OK))
    const { conversation } = await stage([refusing, willing], { metafile: { identity: CLAIMED } })
    await conversation.tell(LIVING)
    expect(namesIn(diary)).toEqual(['a /agent/register', 'b /agent/register', 'b /agent/status'])
  })

  test('and is refused by all says so, and stays what it was', async () => {
    const diary: Asked[] = []
    const server = await scriptedServer('a', diary, () => ({ status: 1 }))
    const { conversation, onDisk, registered } = await stage([server], { metafile: { identity: CLAIMED } })
    const why = [`${formatServer(server)}: the server refused to register this host (status 1)`]
    expect(await conversation.tell(LIVING)).toEqual({ kind: 'silent', why, retryAfter: undefined, denied: true })
    expect([onDisk().identity, registered, namesIn(diary)]).toEqual([CLAIMED, [], ['a /agent/register']])
  })

  test.each([{ status: 0, agentsn: '../x' }, { status: 0, tags: 'no tags' }, { status: '0' }, []])(
    'does not take %j for an answer',
    async (reply) => {
      const server = await scriptedServer('a', [], () => reply)
      const { conversation, onDisk } = await stage([server], { metafile: { identity: CLAIMED } })
      expect(await conversation.tell(LIVING)).toMatchObject({ kind: 'silent' })
      expect(onDisk().identity).toEqual(CLAIMED)
    },
  )

  // Its report may have got through: registering anew could make it another host.
  test('and whose first report fails is registered, and does not ask again', async () => {
    const diary: Asked[] = []
    const server = await scriptedServer('a', diary, ({ path }) => (path === '/agent/register' ? { status: 0 } : 500))
    const { conversation, onDisk } = await stage([server], { metafile: { identity: CLAIMED } })
    expect(await conversation.tell(LIVING)).toMatchObject({ kind: 'silent' })
    expect(onDisk().identity.standing).toBe('registered')
    await conversation.tell(LIVING)
    expect(namesIn(diary)).toEqual(['a /agent/register', 'a /agent/status', 'a /agent/status'])
  })
})

describe('a list that is tried', () => {
  test('holds when one of its servers answers, and that is the one we stay with', async () => {
    const diary: Asked[] = []
    const { old, dumb, good } = await serversThatSay(diary, { old: OK, dumb: 500, good: OK })
    const { conversation, metafile, settled } = await stage([old])
    const list = listOf([dumb, good])
    expect(await conversation.tryServers(list, LIVING)).toBe(true)
    await metafile.update((current) => ({ ...current, svrlist: list }))
    await conversation.tell(LIVING)
    expect(namesIn(diary)).toEqual(['dumb', 'good', 'good'].map((name) => `${name} /agent/status`))
    expect(settled.map(({ server }) => server)).toEqual([formatServer(good), formatServer(good)])
  })

  // The baked servers always answer: asked here, they would vouch for any list.
  test('does not hold when none of its own servers answers, and we stay where we were', async () => {
    const diary: Asked[] = []
    const { first, second, dumb, baked } = await serversThatSay(diary, { first: 500, second: OK, dumb: 500, baked: OK })
    const { conversation, onDisk } = await stage([first, second], { baked: [baked] })
    await conversation.tell(LIVING)
    const before = onDisk()
    expect(await conversation.tryServers(listOf([dumb, await deadAddress()]), LIVING)).toBe(false)
    await conversation.tell(LIVING)
    expect(namesIn(diary)).toEqual(['first', 'second', 'dumb', 'second'].map((name) => `${name} /agent/status`))
    expect(onDisk()).toEqual(before)
  })
})

describe('one at a time', () => {
  // Both want to speak before the probe does; it is answered before either of them.
  test('of two that want to tell at once the second waits until the first is settled', async () => {
    const events: string[] = []
    const probed = Promise.withResolvers<void>()
    const server = await scriptedServer('a', [], ({ path }) => async (response) => {
      if (path === '/probe') probed.resolve()
      else events.push('asked')
      await probed.promise
      answerJson(response, OK)
    })
    const { conversation } = await stage([server], { settle: async () => void events.push('settled') })
    const both = [conversation.tell(LIVING), conversation.tryServers(formatServer(server), LIVING)]
    await exchange({ server, path: '/probe' }, {}, { connect: 5000, whole: 5000, ca: undefined, signal: LIVING })
    await Promise.all(both)
    expect(events).toEqual(['asked', 'settled', 'asked', 'settled'])
  })

  test('an answer that could not be settled is told to whoever asked, and the next report goes out', async () => {
    const faults = [new Error('no room left on the disk')]
    const diary: Asked[] = []
    const server = await scriptedServer('a', diary, () => OK)
    const { conversation } = await stage([server], {
      async settle() {
        const fault = faults.pop()
        if (fault !== undefined) throw fault
      },
    })
    await expect(conversation.tell(LIVING)).rejects.toThrow('no room left')
    expect(await conversation.tell(LIVING)).toMatchObject({ kind: 'answered' })
  })
})
