import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { type Account, findAccount } from '../../src/supervise/account.ts'

const exec = 'agent'

/** What goes before the program, from the first option of setpriv to its end. */
function options(account: Awaited<ReturnType<typeof findAccount>>): readonly string[] {
  return 'refused' in account ? [account.refused] : account.prefix.slice(1)
}

test('who names nobody and gives up nothing is root, and nothing stands before the program', async () => {
  expect(await findAccount({ exec })).toEqual({ uid: 0, gid: 0, prefix: [] } satisfies Account)
})

// `nobody` and `nogroup` are of every Debian; the numbers are of nobody.
describe('rights are given up', () => {
  test.each<[whose: string, run: Parameters<typeof findAccount>[0], ids: [number, number], given: string[]]>([
    [
      'a user by name, with its groups',
      { exec, user: 'nobody' },
      [65_534, 65_534],
      ['--reuid=65534', '--regid=65534', '--init-groups'],
    ],
    ['a user by number', { exec, user: '65534' }, [65_534, 65_534], ['--reuid=65534', '--regid=65534', '--init-groups']],
    [
      'a number without an account',
      { exec, user: '54321' },
      [54_321, 54_321],
      ['--reuid=54321', '--regid=54321', '--clear-groups'],
    ],
    [
      'a user in another group',
      { exec, user: 'nobody', group: '0' },
      [65_534, 0],
      ['--reuid=65534', '--regid=0', '--init-groups'],
    ],
    ['a group alone', { exec, group: 'nogroup' }, [0, 65_534], ['--regid=65534', '--clear-groups']],
    ['no new ones', { exec, noNewPrivileges: true }, [0, 0], ['--regid=0', '--clear-groups', '--no-new-privs']],
  ])('%s', async (_whose, run, [uid, gid], given) => {
    const account = await findAccount(run)
    expect(account).toMatchObject({ uid, gid })
    expect(options(account)).toEqual([...given, '--'])
  })
})

describe('what this host does not know is refused, with what to do about it', () => {
  test.each([
    [{ exec, user: 'nobody-of-that-name' }, 'this host has no user "nobody-of-that-name": add it, or change run.user'],
    [{ exec, user: 'nobody', group: 'no-such-group' }, 'this host has no group "no-such-group": add it, or change run.group'],
    // To the program that is asked it would be an option: who we are ourselves.
    [{ exec, user: '-r' }, 'this host has no user "-r": add it, or change run.user'],
  ])('%j', async (run, refused) => {
    expect(await findAccount(run)).toEqual({ refused })
  })
})

test('our own PATH has no say in which programs are asked', async () => {
  const path = process.env['PATH']
  process.env['PATH'] = '/nowhere'
  try {
    expect(await findAccount({ exec, user: 'nobody' })).toMatchObject({ uid: 65_534 })
  } finally {
    process.env['PATH'] = path
  }
})
