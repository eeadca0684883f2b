import { readFileSync } from 'node:fs'
import { DeliverySettings } from '@bootagent/protocol'
import { CliError } from './errors.ts'
import { readWith } from './schema.ts'

/** Reads and judges a file of settings. Throws CliError that names the field. */
export async function readSettings(path: string): Promise<DeliverySettings> {
  const read = await readWith(DeliverySettings, parse(path))
  if ('refused' in read) throw new CliError('usage', `${path}: ${read.refused}`)
  return read.value
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new CliError('usage', `${path} cannot be read as JSON: ${(error as Error).message}`)
  }
}
