import { AgentName, BootagentNeeded, FORMAT_ENDS, type Format, formatOf, Run, Version } from '@bootagent/protocol'
import * as v from 'valibot'
import { ServerError } from '../errors.ts'
import { readInput } from '../http/read-input.ts'
import { ANY_ARCH } from './package.ts'
import type { PackageOrder } from './publish-package.ts'

/** Reads the path and query of a publishing request. Throws ServerError `bad-request` that names the field. */
export function readPackageOrder(params: unknown, query: unknown): PackageOrder {
  const { name, version } = readInput(Named, params)
  const { os, arch, file, run, bootagent, sha256 } = readInput(Described, query)
  return {
    name,
    version,
    os,
    arch,
    file,
    format: readFormat(file),
    run: run === undefined ? undefined : readRun(run),
    bootagent,
    sha256,
  }
}

const Named = v.object({ name: AgentName, version: Version })

const Described = v.object({
  os: v.pipe(v.string(), v.regex(/^[a-z0-9]{1,32}$/, "in Node's words, such as linux")),
  arch: v.picklist(['x64', 'arm64', ANY_ARCH], `x64, arm64 or ${ANY_ARCH}`),
  /** It becomes a part of the url that hosts download by, so it is plain. */
  file: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9.+~_-]{0,127}$/, 'a plain file name of at most 128 characters')),
  run: v.optional(v.string()),
  bootagent: v.optional(BootagentNeeded),
  sha256: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-fA-F]{64}$/, '64 hexadecimal digits'))),
})

function readFormat(file: string): Format {
  const format = formatOf(file)
  if (format !== undefined) return format
  throw new ServerError('bad-request', `file: hosts cannot unpack ${file}; its name must end in one of ${FORMAT_ENDS}`)
}

function readRun(json: string): Run {
  try {
    return readInput(Run, JSON.parse(json))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new ServerError('bad-request', 'run: this is not JSON', error)
  }
}
