import { AgentManifest } from '@bootagent/protocol'
import * as v from 'valibot'
import { collect } from './collect.ts'
import { drain } from './drain.ts'
import { openPackage } from './open-package.ts'
import type { Claims } from './package-entry.ts'
import { countBytes, type OnProgress } from './pace.ts'
import { type JudgedEntry, readPackage } from './read-package.ts'
import { DEB_SCRIPTS, MOST_PROGRAMS, type RequestOf, type WorkerResult } from './request.ts'
import { verifyDigest } from './verify-digest.ts'
import { archiveBroken } from './archive-broken.ts'

/**
 * The first pass: hashes the package at rest, and only then reads it, so that no parser of ours ever sees bytes nobody
 * vouched for; judges every entry and notes what running it will need. Writes nothing. Throws StepError.
 */
export async function inspect(request: RequestOf<'inspect'>, onProgress: OnProgress): Promise<WorkerResult<'inspect'>> {
  const file = openPackage()
  await drain(countBytes(verifyDigest(file.bytes(), request.digest), onProgress, file.size))
  const notes = createNotes()
  const { claims, ...sum } = await readPackage(
    { ...request, bytes: file.bytes(), packed: file.size, readAt: file.readAt },
    notes.take,
  )
  return { ...sum, ...fit(claims), ...notes.found(claims.scripts) }
}

/** A claim longer than any word for a processor or a system is cut: it is compared, and shown where it differs. */
function fit({ arch, os }: Claims): Pick<WorkerResult<'inspect'>, 'arch' | 'os'> {
  return { ...(arch === undefined ? {} : { arch: arch.slice(0, 64) }), ...(os === undefined ? {} : { os: os.slice(0, 64) }) }
}

type Found = Pick<WorkerResult<'inspect'>, 'manifest' | 'programs' | 'scripts'>

interface Notes {
  readonly take: (entry: JudgedEntry) => Promise<void>
  found(more?: Claims['scripts']): Found
}

const MANIFEST = 'agent.json'
/** The result is one message, and a message is at most 64 KB: a manifest and the programs' names share it. */
const LONGEST_MANIFEST = 16_384
const LONGEST_PROGRAMS = 16_384

function createNotes(): Notes {
  const programs: string[] = []
  const scripts: Found['scripts'] = []
  let room = LONGEST_PROGRAMS
  let manifest: AgentManifest | undefined

  async function take({ part, kept, body }: JudgedEntry): Promise<void> {
    if (kept.kind === 'root') return
    if (part === 'control') {
      scripts.push(...DEB_SCRIPTS.filter((script) => script === kept.path))
      return
    }
    if (kept.path === MANIFEST) manifest = await readManifest(kept, body)
    if ((kept.kind === 'file' || kept.kind === 'copy') && kept.mode === 0o755) noteProgram(kept.path)
  }

  function noteProgram(path: string): void {
    room -= JSON.stringify(path).length + Buffer.byteLength(path)
    if (room >= 0 && programs.length < MOST_PROGRAMS) programs.push(path)
  }

  return {
    take,
    found: (more = []) => ({ programs, scripts: [...scripts, ...more], ...(manifest === undefined ? {} : { manifest }) }),
  }
}

async function readManifest(kept: JudgedEntry['kept'], body: AsyncIterable<Buffer>): Promise<AgentManifest> {
  if (kept.kind !== 'file') throw archiveBroken(`${MANIFEST} at the package's root is no regular file`)
  if (kept.size > LONGEST_MANIFEST) throw archiveBroken(`${MANIFEST} is longer than ${LONGEST_MANIFEST} bytes`)
  const reading = v.safeParse(AgentManifest, parseJson((await collect(body)).toString('utf8')))
  if (reading.success) return reading.output
  const [issue] = reading.issues
  throw archiveBroken(`${MANIFEST}: ${v.getDotPath(issue) ?? 'the whole of it'}: ${issue.message}`.slice(0, 300))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw archiveBroken(`${MANIFEST} is not JSON: ${error.message}`, error)
  }
}
