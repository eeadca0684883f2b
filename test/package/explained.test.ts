import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PROGRAMS } from '../../scripts/build/programs.ts'
import { readCommandLine } from '../../scripts/package/read-help.ts'
import { fakeBuild } from './fake-build.ts'
import { runPackage } from './run-package.ts'

const ROOT = join(import.meta.dirname, '../..')

/** The debs, unpacked into one tree. */
let root: string
let packages: Readonly<Record<string, string>>[]
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'bootagent-explained-test-'))
  fakeBuild(join(root, 'dist'), { version: '1.2.1' })
  packages = []
  for (const name of ['BootAgent', 'BootServer']) {
    const made = await runPackage(join(root, 'dist'), name, '1.2.1', '--only', 'deb,rpm')
    execFileSync('dpkg-deb', ['--extract', made['deb'] ?? '', root])
    packages.push(made)
  }
})
afterAll(() => rmSync(root, { recursive: true }))

const SECTIONS = { bootagent: 8, bootserver: 8, bootfleet: 1 } as const
type Name = keyof typeof SECTIONS

test.for(PROGRAMS)(
  'what $name says of itself is in its manual and in the completions of both shells',
  async ({ name, entry }) => {
    const page = join(root, `usr/share/man/man${SECTIONS[name as Name]}/${name}.${SECTIONS[name as Name]}.gz`)
    const manual = execFileSync('man', ['--warnings', '-l', '-P', 'cat', page], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', MANWIDTH: '1000', MAN_KEEP_FORMATTING: '' },
    })
    const bash = readFileSync(join(root, 'usr/share/bash-completion/completions', name), 'utf8')
    const zsh = readFileSync(join(root, 'usr/share/zsh/vendor-completions', `_${name}`), 'utf8')
    const { help, commands } = await readCommandLine(ROOT, name, entry)
    const options = [help, ...Object.values(commands)].flatMap((each) => each.options.flatMap(({ names }) => names))
    const words = [...new Set([...options, ...help.commands.map((each) => each.name)])]
    expect(words.length).toBeGreaterThan(10)
    for (const text of [bash, zsh]) expect(words.filter((word) => !holdsWord(text, word))).toEqual([])
    // Of a short and a long name a page may show one.
    const groups = [help, ...Object.values(commands)].flatMap((each) => each.options.map(({ names }) => names))
    const missing = [...groups, ...help.commands.map((each) => [each.name])].filter(
      (names) => !names.some((word) => holdsWord(manual, word)),
    )
    expect(missing).toEqual([])
  },
)

function holdsWord(text: string, word: string): boolean {
  return new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(text)
}

test.for(PROGRAMS)('both shells can read the completions of $name', ({ name }) => {
  const bash = join(root, 'usr/share/bash-completion/completions', name)
  execFileSync('bash', ['-n', bash])
  execFileSync('shellcheck', ['--shell=bash', bash], { encoding: 'utf8' })
  execFileSync('zsh', ['-n', join(root, 'usr/share/zsh/vendor-completions', `_${name}`)])
})

test.for([
  ['bootagent', 'bootagent sta', ['status', 'start']],
  ['bootagent', 'bootagent --lev', ['--level']],
  ['bootagent', 'bootagent -l w', ['warn']],
  ['bootagent', 'bootagent -L /dev/nul logs --fo', ['--foreground', '--follow']],
  ['bootserver', 'bootserver --max-', ['--max-package', '--max-events']],
  ['bootfleet', 'bootfleet --server here install --pack', ['--package-version']],
  ['bootfleet', 'bootfleet rollb', ['rollback']],
  ['bootfleet', 'bootfleet install --env X', []],
] as const)('bash completes for %s: %s', ([name, typed, offered]) => {
  const script = `
source "$0"
read -ra COMP_WORDS <<<"$1"
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_${name}
printf '%s\\n' "\${COMPREPLY[@]}"
`
  const path = join(root, 'usr/share/bash-completion/completions', name)
  const said = execFileSync('bash', ['-c', script, path, typed], { encoding: 'utf8' })
  expect(
    said
      .split('\n')
      .filter((word) => word !== '')
      .sort(),
  ).toEqual([...offered].sort())
})

test('lintian and rpmlint find nothing that is not explained', () => {
  const paths = (format: string) => packages.map((made) => made[format] ?? '')
  const lintian = execFileSync('lintian', ['--allow-root', '--fail-on', 'error,warning', ...paths('deb')], { encoding: 'utf8' })
  expect(lintian).toBe('')
  const config = join(root, 'rpmlint')
  mkdirSync(config)
  copyFileSync(join(ROOT, 'contrib/packages/rpmlint.toml'), join(config, 'ours.toml'))
  // The programs of this test are scripts.
  writeFileSync(join(config, 'test.toml'), 'Filters = ["E: no-binary"]\n')
  const { stdout: rpmlint } = spawnSync('rpmlint', ['-c', config, ...paths('rpm')], { encoding: 'utf8' })
  expect(rpmlint).toContain(' 0 errors, 0 warnings')
})
