import { AgentManifest } from '@bootagent/protocol'
import * as v from 'valibot'
import { archiveBroken } from './archive-broken.ts'
import { collect } from './collect.ts'
import type { JudgedEntry, PackageSum } from './read-package.ts'
import type { StepError } from '../errors.ts'
import { DEB_SCRIPTS, MOST_PROGRAMS, type WorkerResult } from './request.ts'

type Result = WorkerResult<'inspect'>

/** What is noted of a package while it is read: what running it will need, and what it says of itself. */
export interface Notes {
  /** Takes note of an entry, and gives its bytes back: those of the manifest were read for the note. */
  take(entry: JudgedEntry): Promise<AsyncIterable<Buffer>>
  /** Throws StepError where the manifest is none. */
  resultOf(sum: PackageSum): Result
}

const MANIFEST = 'agent.json'
/** The result is one message, and a message is at most 64 KB: a manifest and the programs' names share it. */
const LONGEST_MANIFEST = 16_384
const LONGEST_PROGRAMS = 16_384
/** A claim longer than any word for a processor or a system is cut: it is compared, and shown where it differs. */
const LONGEST_CLAIM = 64

export function createNotes(): Notes {
  const programs: string[] = []
  const scripts: Result['scripts'] = []
  let room = LONGEST_PROGRAMS
  let manifest: AgentManifest | undefined
  let fault: StepError | undefined

  async function take({ part, kept, body }: JudgedEntry): Promise<AsyncIterable<Buffer>> {
    if (kept.kind === 'root') return body
    if (part === 'control') {
      scripts.push(...DEB_SCRIPTS.filter((script) => script === kept.path))
      return body
    }
    if ((kept.kind === 'file' || kept.kind === 'copy') && kept.mode === 0o755) noteProgram(kept.path)
    if (kept.path !== MANIFEST) return body
    if (kept.kind !== 'file') {
      // Said when all has been judged: that a link leads out of the package is worse, and only known at the end.
      fault = archiveBroken(`${MANIFEST} at the package's root is no regular file`)
      return body
    }
    const bytes = await readBytes(kept, body)
    manifest = readManifest(bytes)
    return again(bytes)
  }

  function noteProgram(path: string): void {
    room -= JSON.stringify(path).length + Buffer.byteLength(path)
    if (room >= 0 && programs.length < MOST_PROGRAMS) programs.push(path)
  }

  function resultOf({ entries, bytes, claims: { arch, os, scripts: claimed = [] } }: PackageSum): Result {
    if (fault !== undefined) throw fault
    return {
      entries,
      bytes,
      programs,
      scripts: [...scripts, ...claimed],
      ...(manifest === undefined ? {} : { manifest }),
      ...(arch === undefined ? {} : { arch: arch.slice(0, LONGEST_CLAIM) }),
      ...(os === undefined ? {} : { os: os.slice(0, LONGEST_CLAIM) }),
    }
  }

  return { take, resultOf }
}

async function readBytes(kept: Extract<JudgedEntry['kept'], { kind: 'file' }>, body: AsyncIterable<Buffer>): Promise<Buffer> {
  if (kept.size > LONGEST_MANIFEST) throw archiveBroken(`${MANIFEST} is longer than ${LONGEST_MANIFEST} bytes`)
  return collect(body)
}

async function* again(bytes: Buffer): AsyncGenerator<Buffer, void> {
  yield bytes
}

function readManifest(bytes: Buffer): AgentManifest {
  const reading = v.safeParse(AgentManifest, parseJson(bytes.toString('utf8')))
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
