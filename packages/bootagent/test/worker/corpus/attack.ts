import { gzipSync } from 'node:zlib'
import type { Format, Reason } from '@bootagent/protocol'
import type { UnpackLimits } from '../../../src/worker/unpack-limits.ts'
import { ar, DEB_CONTROL, DEB_VERSION } from './ar-members.ts'
import { canExpress, debOf, type Entry, FORMS, type Form, rpmOf, tarOf, zipOf } from './entry.ts'

/** A case of the project's list, test/CASES.md. */
export type CaseId = `B${number}`

/** One attack on whoever unpacks, in every form in which it can be made. */
export interface Attack {
  readonly case: CaseId
  /** What it tries. */
  readonly name: string
  /** How it is made. */
  readonly made: string
  readonly archives: Archives
  readonly end: Refused | Kept
  /** Where a bound is tried at less than its real size. */
  readonly limits?: Partial<UnpackLimits>
}

/** The bytes, made when they are asked for: some are large. */
export type Archives = { readonly [format in Format | Form]?: () => Buffer }

/** It must be refused, for this reason and in these words. */
export interface Refused {
  readonly refused: Reason
  readonly says: string
  /** The entry that the message must name, as it is named there. */
  readonly entry?: string
}

/** It does no harm here, and this is what it comes to: see `treeOf`. */
export interface Kept {
  readonly kept: readonly string[]
}

const refusal =
  (refused: Reason) =>
  (says: string, entry?: string): Refused => ({
    refused,
    says,
    ...(entry === undefined ? {} : { entry: JSON.stringify(entry) }),
  })
export const unsafe = refusal('archive-unsafe')
export const broken = refusal('archive-broken')
export const tooLarge = refusal('archive-too-large')
export const unknown = refusal('archive-unknown')
export const kept = (...tree: readonly string[]): Kept => ({ kept: tree })

/** These entries, in every form that can express them. */
export function entries(...all: readonly Entry[]): Archives {
  const makers: Readonly<Record<Form, () => Buffer>> = {
    tar: () => tarOf(all),
    'tar.gz': () => gzipSync(tarOf(all)),
    zip: () => zipOf(all),
    deb: () => debOf(all),
    rpm: () => rpmOf(all),
  }
  return Object.fromEntries(FORMS.filter((form) => canExpress(form, all)).map((form) => [form, makers[form]]))
}

/** This tar, to its last byte: bare, packed, and as the payload of a deb. */
export function tarball(make: () => Buffer): Archives {
  return { tar: make, 'tar.gz': () => gzipSync(make()), deb: () => debAround(gzipSync(make())) }
}

/** A deb around a packed tar. */
export function debAround(payload: Buffer): Buffer {
  return ar(DEB_VERSION, DEB_CONTROL, ['data.tar.gz', payload])
}

/** The same without some forms, in which it means something else. */
export function without(archives: Archives, ...forms: readonly Form[]): Archives {
  return Object.fromEntries(Object.entries(archives).filter(([form]) => !forms.includes(form as Form)))
}

/** The same in these forms alone. */
export function only(archives: Archives, ...forms: readonly Form[]): Archives {
  return without(archives, ...FORMS.filter((form) => !forms.includes(form)))
}
