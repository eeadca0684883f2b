import { readFileSync } from 'node:fs'
import { ConformanceError } from './errors.ts'
import type { Xfails } from './judge.ts'

/** Reads a list of known failures, `{"case": "reason"}`; throws when it is not of that form. */
export function readXfails(file: URL | string): Xfails {
  const read = parse(file)
  if (isXfails(read)) return read
  throw new ConformanceError('usage', `${String(file)} is no list of known failures: write {"case": "reason", …}`)
}

function parse(file: URL | string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new ConformanceError('usage', `${String(file)} cannot be read: ${(error as Error).message}`, error)
  }
}

function isXfails(value: unknown): value is Xfails {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((reason) => typeof reason === 'string' && reason !== '')
}
