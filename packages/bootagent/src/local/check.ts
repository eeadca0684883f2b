import { constants, existsSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import process from 'node:process'
import { formatServer } from '@bootagent/protocol'
import type { BuildInfo } from '../build-info.ts'
import { LONGEST_SOCKET_PATH } from '../control/private-socket.ts'
import { BootAgentError } from '../errors.ts'
import { allServers } from '../remote/rounds.ts'
import { findMetafile, type FoundMetafile } from '../state/metafile.ts'
import { type Paths, pathsOf } from '../state/paths.ts'
import { type Config, readConfig } from './config.ts'
import { checkOneMount } from './open-home.ts'
import type { Options } from './options.ts'

/** What one check found; what to do is part of the text when it is not ok. */
interface Finding {
  readonly check: string
  readonly verdict: 'ok' | 'warn' | 'FAIL'
  readonly text: string
}

/**
 * `-T`: tests the configuration without running anything (seed 001, -T). Writes nothing, starts nothing, asks no server. Prints a
 * line a check, then `Success` or `Failed`; exit code 0 or 1.
 */
export async function check(options: Options, build: BuildInfo): Promise<number> {
  const paths = pathsOf(options.home, options.run)
  const findings = [
    await finding(
      'configuration',
      () =>
        `${options.config ?? 'the defaults'}: ${readConfig(options.config).stepMin} s to ${readConfig(options.config).stepMax} s between reports`,
    ),
    await finding('certificates', () => checkCertificates(readConfig(options.config))),
    await finding('home', () => checkHome(paths)),
    await finding('run', () => checkWritable(paths.run)),
    await finding('operators', () => checkSocketPath(paths.control)),
    await finding('metafile', async () => describeMetafile(paths, await findMetafile(paths))),
    await finding('servers', async () => describeServers(await findMetafile(paths), options, build)),
  ]
  const failed = findings.some(({ verdict }) => verdict === 'FAIL')
  process.stdout.write(
    options.json ? `${JSON.stringify({ success: !failed, findings }, undefined, 2)}\n` : page(findings, failed),
  )
  return failed ? 1 : 0
}

/** A check says what it found, and throws with what to do when it fails; a leading `warn: ` is a warning. */
async function finding(check: string, look: () => string | Promise<string>): Promise<Finding> {
  try {
    const text = await look()
    return text.startsWith('warn: ') ? { check, verdict: 'warn', text: text.slice(6) } : { check, verdict: 'ok', text }
  } catch (error) {
    return { check, verdict: 'FAIL', text: (error as Error).message }
  }
}

/** They are read anew for each download: one that is missing now would fail every one. */
async function checkCertificates({ ca, clientCert, clientKey }: Config): Promise<string> {
  const named = [ca, clientCert, clientKey].filter((path) => path !== undefined)
  for (const path of named) await access(path, constants.R_OK)
  return named.length === 0 ? 'the system’s authorities, and none of this host' : `${named.join(', ')} can be read`
}

function checkSocketPath(path: string): string {
  const length = Buffer.byteLength(path)
  if (length <= LONGEST_SOCKET_PATH) return path
  return `warn: ${path} has ${length} bytes, and a socket's path at most ${LONGEST_SOCKET_PATH}: no start, stop or why at this host; name a shorter --run`
}

async function checkHome(paths: Paths): Promise<string> {
  const said = await checkWritable(paths.home)
  if (existsSync(paths.tmp)) await checkOneMount(paths)
  return said
}

/** A directory that is not there yet will be made: then the nearest one above must be writable. */
async function checkWritable(directory: string): Promise<string> {
  let nearest = directory
  while (!existsSync(nearest)) nearest = dirname(nearest)
  await access(nearest, constants.R_OK | constants.W_OK | constants.X_OK)
  return nearest === directory ? `${directory} is writable` : `${directory} will be made in ${nearest}`
}

function describeMetafile(paths: Paths, found: FoundMetafile): string {
  if (found.kind === 'absent') return `none in ${paths.home}: this will be the first start`
  const { identity, agents } = found.metafile
  const said = `host ${identity.agentsn} (${identity.standing}), ${Object.keys(agents).length} agents`
  return found.kind === 'ok' ? said : `warn: ${found.why}; the copy before it will be used: ${said}`
}

function describeServers(found: FoundMetafile, options: Options, build: BuildInfo): string {
  const list = found.kind === 'absent' ? (options.servers ?? '') : found.metafile.svrlist
  const servers = allServers(list, build.servers)
  if (servers.length === 0) throw new BootAgentError('usage', 'no server is known: the first start needs -S HOST[:PORT],…')
  const said = servers.map((server) => formatServer(server)).join(', ')
  const ignored = found.kind !== 'absent' && options.servers !== undefined
  return ignored ? `warn: -S is ignored, since this is not the first start; the servers are ${said}` : said
}

function page(findings: readonly Finding[], failed: boolean): string {
  const lines = findings.map(({ check, verdict, text }) => `${verdict.padEnd(4)}  ${check.padEnd(13)}  ${text}`)
  return `${lines.join('\n')}\n${failed ? 'Failed' : 'Success'}\n`
}
