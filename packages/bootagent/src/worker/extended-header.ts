import { archiveBroken } from './archive-broken.ts'
import { quote } from './quote.ts'
import { StepError } from '../errors.ts'

/** What extended headers say of the one entry that follows them, instead of its own header. */
export interface Overrides {
  readonly path?: string
  readonly linkpath?: string
  readonly size?: number
  /** The types of the headers it came from. */
  readonly from: readonly ExtendedType[]
}

/** pax `x` (one entry) and `g` (all that follow); GNU's long name `L` and long link target `K`. */
export const EXTENDED_TYPES = ['x', 'g', 'L', 'K'] as const
export type ExtendedType = (typeof EXTENDED_TYPES)[number]

/**
 * Reads the body of an extended header. Whatever two tar programs read in two ways is refused: repeated or mixed headers,
 * global ones that rename or resize, other character sets, sparse files, records that do not add up.
 */
export function readExtended(type: ExtendedType, body: Buffer, before: Overrides | undefined): Overrides | undefined {
  if (type === 'g') {
    if (before !== undefined) throw archiveBroken('a global header stands between an extended header and its entry')
    refuseRecords(readRecords(body), ['path', 'linkpath', 'size'], 'a global header')
    return undefined
  }
  const from = [...(before?.from ?? []), type]
  if (!COMBINATIONS.includes(from.join('')))
    throw archiveBroken(`extended headers of the types ${from.join(', ')} follow one another`)
  if (type === 'L') return { ...before, from, path: readLongName(body) }
  if (type === 'K') return { ...before, from, linkpath: readLongName(body) }
  return { ...readPax(body), from }
}

/** What may precede one entry: one pax header, or GNU's two in either order. */
const COMBINATIONS = ['x', 'L', 'K', 'LK', 'KL']

function readPax(body: Buffer): Omit<Overrides, 'from'> {
  const records = readRecords(body)
  refuseRecords(records, [], 'an extended header')
  const [path, linkpath, size] = ['path', 'linkpath', 'size'].map((key) => records.get(key))
  if (size !== undefined && !/^\d{1,15}$/.test(size)) throw archiveBroken('an extended header gives a size that is not a number')
  return {
    ...(path === undefined ? {} : { path }),
    ...(linkpath === undefined ? {} : { linkpath }),
    ...(size === undefined ? {} : { size: Number(size) }),
  }
}

/** Times, owners and attributes are harmless, since none of them is ever applied. */
function refuseRecords(records: ReadonlyMap<string, string>, forbidden: readonly string[], where: string): void {
  for (const [key, value] of records) {
    if (key.startsWith('GNU.sparse')) throw new StepError('archive-unsafe', 'the package holds a sparse file')
    if (forbidden.includes(key))
      throw new StepError('archive-unsafe', `${where} of the package sets ${key} for every entry after it`)
    if (key === 'hdrcharset' && value !== 'ISO-IR 10646 2000 UTF-8')
      throw archiveBroken(`${where} uses another character set than UTF-8`)
  }
}

/** pax records: `<length> <key>=<value>\n`, the length being that of the whole record in bytes. */
function readRecords(body: Buffer): Map<string, string> {
  const records = new Map<string, string>()
  for (let at = 0; at < body.length; ) {
    const digits = /^[1-9]\d{0,7} /.exec(body.toString('latin1', at, at + 9))?.[0]
    const length = Number(digits)
    const record = body.subarray(at, at + length)
    // Some readers go by the length and some by the line: a record that is not exactly one line is read in two ways.
    if (digits === undefined || record.length !== length || record.indexOf('\n') !== length - 1) throw archiveBroken(BAD_RECORD)
    const [, key, value] = /^([^=]+)=(.*)$/.exec(decodeText(record.subarray(digits.length, -1))) ?? []
    if (key === undefined || value === undefined || records.has(key)) throw archiveBroken(BAD_RECORD)
    records.set(key, value)
    at += length
  }
  return records
}

const BAD_RECORD = 'an extended header holds a record that is not one line of text, or that comes twice'

function readLongName(body: Buffer): string {
  return decodeText(body.at(-1) === 0 ? body.subarray(0, -1) : body)
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes as the text they must be; throws when they are not UTF-8 or hold a NUL, behind which some readers see nothing. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.includes(0)) throw unreadable('the package holds a name with a NUL in it', bytes)
  try {
    return UTF8.decode(bytes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw unreadable('the package holds a name that is not UTF-8', bytes, error)
  }
}

/** Shown as far as it can be: its author must find it again. */
function unreadable(why: string, bytes: Uint8Array, cause?: unknown): StepError {
  return new StepError('archive-unsafe', `${why}, ${quote(Buffer.from(bytes).toString('utf8'))}`, cause)
}
