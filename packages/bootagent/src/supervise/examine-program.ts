import { accessSync, closeSync, constants, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import process from 'node:process'
import { HEAD_BYTES, readProgramHead } from './program-head.ts'

/**
 * Why a program cannot be run here, in words an operator can act on; undefined when nothing speaks against it. A shell would
 * say no more than 126 or 127, which any program may end with, and would read a foreign one as a script.
 */
export function examineProgram(path: string): string | undefined {
  let file: number
  try {
    accessSync(path, constants.X_OK)
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    const why = SAID[code]
    if (why === undefined) throw error
    return why
  }
  try {
    if (!fstatSync(file).isFile()) return 'the program is not a file'
    const head = Buffer.alloc(HEAD_BYTES)
    return explain(head.subarray(0, readSync(file, head)))
  } finally {
    closeSync(file)
  }
}

/** What the host says of a path that cannot even be opened. */
const SAID: Readonly<Record<string, string>> = {
  ENOENT: 'the program is missing',
  ENOTDIR: 'the program is missing',
  EACCES: 'the program is not executable',
  EPERM: 'the program is not executable',
  ELOOP: 'the program is a link to itself',
  ETXTBSY: 'the program is just being written',
}

function explain(bytes: Buffer): string | undefined {
  const head = readProgramHead(bytes, process.arch)
  if (head.kind === 'foreign') return `the program is made for ${head.processor}, and this host is ${process.arch}`
  if (head.kind === 'script' && !existsSync(head.interpreter)) {
    return `the program is a script of ${head.interpreter || 'no interpreter'}, which this host does not have`
  }
  return undefined
}
