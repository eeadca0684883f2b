import { readFileSync } from 'node:fs'
import { formatServer, parseServerList, type ServerAddress } from '@bootagent/protocol'
import type { Config } from '../config.ts'
import { type AskSettings, askServer } from './ask-server.ts'
import { fail, type Found, ok, warn } from './finding.ts'
import { judgeServers } from './judge-servers.ts'
import { metafileOf, type Tested } from './tested.ts'

/** A list, and what it is called. */
interface List {
  readonly list: string
  readonly text: string
}

/** Every server of both lists, side by side: the metafile's, or that of `-S` at first start, and the one built in. */
export async function checkServers(tested: Tested): Promise<Found[]> {
  const lists = listsOf(tested)
  const read = lists.map(({ list, text }) => ({ list, parsed: parseServerList(text) }))
  const refused = read.flatMap(({ list, parsed }) =>
    'refused' in parsed ? [fail(`the list of ${list} cannot be used: ${parsed.refused}`, 'correct it')] : [],
  )
  const servers = read.flatMap(({ list, parsed }) =>
    'servers' in parsed ? parsed.servers.map((server) => ({ list, server })) : [],
  )
  if (servers.length === 0) return [...refused, none(tested)]
  if (tested.options.offline)
    return [
      ...refused,
      ...servers.map(({ list, server }) => ({ subject: subjectOf(server, list), ...ok('not asked (--offline)') })),
    ]
  if (tested.config.kind === 'unusable')
    return [...refused, warn('none was asked: the local configuration says how', 'correct that first')]
  const settings = settingsOf(tested.config.config)
  if ('refused' in settings) return [...refused, settings.refused]
  const asked = await Promise.all(
    servers.map(async ({ list, server }) => ({ server: formatServer(server), list, asked: await askServer(server, settings) })),
  )
  return [...refused, ...judgeServers(asked)]
}

function listsOf(tested: Tested): List[] {
  const { options, build, metafile } = tested
  const known = metafileOf(tested)
  // One that cannot be read may hold any list: -S would not be taken in its place.
  const own =
    metafile.kind === 'absent' ? { list: '-S', text: options.servers ?? '' } : { list: 'metafile', text: known?.svrlist ?? '' }
  return [own, { list: 'built in', text: build.servers }]
}

function none({ metafile }: Tested): Found {
  if (metafile.kind === 'absent') return fail('no server is known', 'the first start needs -S HOST[:PORT],…')
  if (metafile.kind === 'unusable')
    return warn('none was asked: the metafile, which knows them, cannot be used', 'put that right first')
  return fail('no server is known', 'the metafile has none, and none is built in: install an executable that has')
}

/** Longer nobody waits for a test, whatever the configuration lets a report take. In seconds. */
const PATIENCE = { connect: 10, answer: 20 }

function settingsOf({ connect, exchange, ca }: Config): AskSettings | { refused: Found } {
  const times = { connect: Math.min(connect, PATIENCE.connect) * 1000, answer: Math.min(exchange, PATIENCE.answer) * 1000 }
  if (ca === undefined) return { ...times, ca: undefined }
  try {
    return { ...times, ca: readFileSync(ca, 'utf8') }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    return { refused: warn('none was asked: the authorities to trust cannot be read', 'put that right first') }
  }
}

function subjectOf(server: ServerAddress, list: string): string {
  return `${formatServer(server)} (${list})`
}
