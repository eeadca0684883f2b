import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { parseServerList, Version } from '@bootagent/protocol'
import * as v from 'valibot'
import { type Artifact, artifactAt, lineOf } from './build/artifact.ts'
import { type BuildFacts, readBuildFacts } from './build/build-facts.ts'
import { bundleProgram } from './build/bundle-program.ts'
import { makeExecutable } from './build/make-executable.ts'
import { ARCHS, type Arch } from './build/node-binary.ts'
import { PROGRAMS } from './build/programs.ts'
import { UnknownWord, wordsOf } from './build/words-of.ts'

const ROOT = dirname(import.meta.dirname)

/** The person at the keyboard can put it right. */
class Usage extends Error {}

const HELP = `npm run build -- [options]        or: pnpm build [options]

Builds bootagent, bootserver and bootfleet, each into one executable that needs no Node, in dist/.

  -S, --servers LIST   bake these servers into bootagent: HOST[:PORT] or URL, comma-separated;
                       without it the first start of bootagent demands -S
  --arch ARCHS         x64, arm64 or both, comma-separated (this machine's)
  --only NAMES         of ${PROGRAMS.map(({ name }) => name).join(', ')}, comma-separated
  --build-version V    the version to write into them (that of packages/bootagent/package.json)
  --out DIR            where they go (dist)
  --json               say what was made as JSON
  -h, --help           print this
`

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  const expected = error instanceof Usage || error instanceof UnknownWord
  process.stderr.write(`build: ${expected ? error.message : (error as Error).stack}\n`)
  return expected ? 2 : 1
})

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (options === undefined) {
    process.stdout.write(HELP)
    return 0
  }
  const facts = readBuildFacts(ROOT, options)
  await mkdir(options.out, { recursive: true })
  const made: Artifact[] = []
  for (const program of PROGRAMS.filter(({ name }) => options.only.includes(name))) {
    const bundle = await bundleProgram(ROOT, program, program.hasServers ? facts : { ...facts, servers: '' })
    for (const arch of options.archs) {
      const path = join(options.out, `${program.name}-${facts.version}-linux-${arch}`)
      await makeExecutable(ROOT, { program, bundle, arch }, path)
      const artifact = await artifactAt(path)
      made.push(artifact)
      if (!options.json) process.stdout.write(`${lineOf(artifact)}\n`)
    }
  }
  await writeFile(join(options.out, 'build.json'), `${JSON.stringify(facts, undefined, 2)}\n`)
  process.stdout.write(options.json ? `${JSON.stringify({ ...facts, made }, undefined, 2)}\n` : `${describe(facts)}\n`)
  return 0
}

interface BuildOptions {
  readonly servers: string
  readonly version: string | undefined
  readonly archs: readonly Arch[]
  readonly only: readonly string[]
  readonly out: string
  readonly json: boolean
}

function readOptions(args: readonly string[]): BuildOptions | undefined {
  const values = parse(args)
  if (values.help) return undefined
  const archs = wordsOf(values.arch ?? process.arch, ARCHS, '--arch')
  const only = wordsOf(
    values.only ?? PROGRAMS.map(({ name }) => name).join(','),
    PROGRAMS.map(({ name }) => name),
    '--only',
  )
  const version = values['build-version']
  if (version !== undefined && !v.is(Version, version)) throw new Usage(`--build-version ${String(version)} is no version`)
  return { servers: readServers(values.servers), version, archs, only, out: resolve(values.out ?? 'dist'), json: values.json }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        servers: { type: 'string', short: 'S' },
        arch: { type: 'string' },
        only: { type: 'string' },
        'build-version': { type: 'string' },
        out: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw new Usage(`${(error as Error).message}\n\n${HELP}`, { cause: error })
  }
}

/** A list that a host could not use must not get as far as a host. */
function readServers(text: string | undefined): string {
  if (text === undefined) return ''
  const parsed = parseServerList(text)
  if ('refused' in parsed) throw new Usage(`the server list cannot be baked in: ${parsed.refused}`)
  if (parsed.servers.length === 0) throw new Usage('the server list names no server; leave -S out to bake none in')
  return text
}

function describe({ version, commit, date, servers }: BuildFacts): string {
  return `version ${version}, commit ${commit}, ${date}; servers: ${servers === '' ? 'none, so the first start needs -S' : servers}`
}
