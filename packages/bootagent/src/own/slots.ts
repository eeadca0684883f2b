import { chmod, mkdir, readlink, rename, rm } from 'node:fs/promises'
import {
  crashPoint,
  diskError,
  makeDirectory,
  namesIfThere,
  readIfThere,
  syncDirectory,
  writeFileAtomic,
} from '@bootagent/runtime'
import { isSlot, type OwnSlots, type Slot, SLOTS } from '../state/own-slots.ts'
import type { Paths } from '../state/paths.ts'

/*
 * The two slots of BootAgent's own executable, in the files of one line that the guard knows too (contrib/guard, ADR 0048). Either of the
 * two may be killed at any moment; what the one has left half done, the other finishes.
 */

/** What the slots hold, and which one is to run. */
export async function readSlots(paths: Paths): Promise<OwnSlots> {
  const filled: Slot[] = []
  for (const slot of SLOTS) if ((await namesIfThere(slotPath(paths, slot)))?.includes('bootagent')) filled.push(slot)
  const [current, fallback, failure] = [await line(paths, 'current'), await line(paths, 'fallback'), await line(paths, 'failure')]
  return {
    current: isSlot(current) ? current : undefined,
    fallback: isSlot(fallback) ? fallback : undefined,
    failure,
    filled,
  }
}

/** The executable of a slot. */
export function executableOf(paths: Paths, slot: Slot): string {
  return `${slotPath(paths, slot)}/bootagent`
}

/** The slot this process was started from; undefined when it was started in another way, from a checkout say. */
export async function slotOf(paths: Paths): Promise<Slot | undefined> {
  const running = await readlink('/proc/self/exe')
  return SLOTS.find((slot) => executableOf(paths, slot) === running)
}

/** Puts an executable, which must lie on the home's mount, into a slot; the slot holds all of it or what it held before, or nothing. */
export async function fillSlot(paths: Paths, slot: Slot, executable: string): Promise<void> {
  const [filling, old] = [`${paths.own}/.fill`, `${paths.own}/.old`]
  try {
    await makeDirectory(paths.own)
    for (const left of [filling, old]) await rm(left, { recursive: true, force: true })
    await mkdir(filling, { mode: 0o700 })
    await rename(executable, `${filling}/bootagent`)
    await chmod(`${filling}/bootagent`, 0o755)
    await syncDirectory(filling)
    if ((await namesIfThere(slotPath(paths, slot))) !== undefined) await rename(slotPath(paths, slot), old)
    crashPoint('own:slot-emptied')
    await rename(filling, slotPath(paths, slot))
    await syncDirectory(paths.own)
    await rm(old, { recursive: true, force: true })
  } catch (error) {
    throw diskError(`filling slot ${slot} of ${paths.own}`, error)
  }
}

/**
 * Makes another slot the one that is to run, on trial. The way back is on the disk before the switch: between the two `fallback` names the
 * slot that is current, which is no trial.
 */
export async function switchSlot(paths: Paths, { from, to }: { readonly from: Slot; readonly to: Slot }): Promise<void> {
  for (const left of ['starts', 'failure']) await remove(paths, left)
  await put(paths, 'fallback', from)
  crashPoint('own:fallback-named')
  await put(paths, 'current', to)
  crashPoint('own:switched')
}

/**
 * Ends the trial well: there is no way back any more. What counts its starts goes first, since nobody looks for that once it is over;
 * killed in between, they are counted anew.
 */
export async function keepSlot(paths: Paths): Promise<void> {
  await remove(paths, 'starts')
  await remove(paths, 'fallback')
  crashPoint('own:kept')
}

/** The way back: one rename, after why is on the disk. Whoever runs next tells it. */
export async function leaveSlot(paths: Paths, why: string): Promise<void> {
  await put(paths, 'failure', why.replaceAll('\n', ' '))
  crashPoint('own:failure-named')
  try {
    await rename(`${paths.own}/fallback`, `${paths.own}/current`)
    await syncDirectory(paths.own)
  } catch (error) {
    throw diskError(`going back in ${paths.own}`, error)
  }
}

/** Forgets why a slot was given up, once that is on record elsewhere. */
export async function forgetFailure(paths: Paths): Promise<void> {
  await remove(paths, 'failure')
}

function slotPath(paths: Paths, slot: Slot): string {
  return `${paths.own}/${slot}`
}

async function line(paths: Paths, name: string): Promise<string | undefined> {
  return (await readIfThere(`${paths.own}/${name}`))?.toString('utf8').trim()
}

async function put(paths: Paths, name: string, text: string): Promise<void> {
  await writeFileAtomic(`${paths.own}/${name}`, `${text}\n`, { via: paths.tmp })
}

async function remove(paths: Paths, name: string): Promise<void> {
  try {
    await rm(`${paths.own}/${name}`, { force: true })
    await syncDirectory(paths.own)
  } catch (error) {
    throw diskError(`removing ${name} of ${paths.own}`, error)
  }
}
