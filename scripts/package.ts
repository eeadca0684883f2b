import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { Version } from '@bootagent/protocol'
import * as v from 'valibot'
import { artifactAt, lineOf } from './build/artifact.ts'
import { ARCHS, type Arch } from './build/node-binary.ts'
import { UnknownWord, wordsOf } from './build/words-of.ts'
import { makeDeb } from './package/make-deb.ts'
import { makePayload, readCommandLines } from './package/make-payload.ts'
import { makeRpm } from './package/make-rpm.ts'
import { makeTar } from './package/make-tar.ts'
import type { Maker, Making } from './package/making.ts'
import { PRODUCTS, type Product } from './package/products.ts'
import { readBuilt } from './package/read-built.ts'
import { Refusal } from './package/refusal.ts'
import { FORMATS, type Format, fileNameOf, type Release, splitVersion } from './package/release.ts'

const ROOT = dirname(import.meta.dirname)

const NAMES = PRODUCTS.map(({ name }) => name).join(' or ')

const HELP = `contrib/package.sh NAME VERSION[-RELEASE] [options]

Packages what \`npm run build\` has built: NAME is ${NAMES}, VERSION that of the build, RELEASE 1 unless it is packaged
once more. In dist/ are then a .deb, an .rpm and a .tar.gz, each with the executable, its service, manual, completions, settings
and what an upgrade and a removal need.

  --arch ARCHS     x64, arm64 or both, comma-separated (this machine's)
  --only FORMATS   of ${FORMATS.join(', ')}, comma-separated
  --dist DIR       where the build is, and where the packages go (dist)
  --quick          packed as fast as can be, not as small
  --json           say what was made as JSON
  -h, --help       print this
`

const MAKERS: Readonly<Record<Format, Maker>> = { deb: makeDeb, rpm: makeRpm, 'tar.gz': makeTar }

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  const expected = error instanceof Refusal || error instanceof UnknownWord
  process.stderr.write(`package.sh: ${expected ? error.message : (error as Error).stack}\n`)
  return expected ? 2 : 1
})

async function main(args: readonly string[]): Promise<number> {
  const request = readRequest(args)
  if (request === undefined) {
    process.stdout.write(HELP)
    return 0
  }
  const made: object[] = []
  const { product, version, dist } = request
  // Known to be there before anything is made.
  const built = request.archs.map((arch) => ({ arch, ...readBuilt({ dist, programs: product.programs, version, arch }) }))
  const commandLines = await readCommandLines(ROOT, product)
  for (const { arch, facts, executables } of built) {
    const epoch = Math.floor(Date.parse(facts.date) / 1000)
    const release: Release = { product, version, release: request.release, arch, commit: facts.commit, epoch }
    const payloadOf = makePayload(ROOT, release, { executables, commandLines })
    for (const format of request.formats) {
      const path = await makeInto(dist, format, { release, payload: payloadOf(format), root: ROOT, quick: request.quick })
      const artifact = await artifactAt(path)
      made.push({ ...artifact, format, arch })
      if (!request.json) process.stdout.write(`${lineOf(artifact)}\n`)
    }
  }
  const { name } = product
  if (request.json) process.stdout.write(`${JSON.stringify({ name, version, release: request.release, made }, undefined, 2)}\n`)
  return 0
}

/** A package appears in its place whole, or not at all. */
async function makeInto(dist: string, format: Format, making: Omit<Making, 'work'>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'bootagent-package-'))
  const path = join(dist, fileNameOf(making.release, format))
  try {
    const work = join(directory, 'work')
    await mkdir(work)
    await MAKERS[format]({ ...making, work }, join(directory, 'made'))
    await copyFile(join(directory, 'made'), `${path}.part`)
    await rename(`${path}.part`, path)
    return path
  } finally {
    await rm(directory, { recursive: true })
  }
}

interface Request {
  readonly product: Product
  readonly version: string
  readonly release: number
  readonly archs: readonly Arch[]
  readonly formats: readonly Format[]
  readonly dist: string
  readonly quick: boolean
  readonly json: boolean
}

function readRequest(args: readonly string[]): Request | undefined {
  const { values, positionals } = parse(args)
  if (values.help) return undefined
  const [name, text, ...others] = positionals
  if (name === undefined || text === undefined || others.length > 0)
    throw new Refusal(`a name and a version are needed\n\n${HELP}`)
  const product = PRODUCTS.find((each) => each.name === name)
  if (product === undefined) throw new Refusal(`there is no package of the name ${name}: it is ${NAMES}`)
  const split = splitVersion(text)
  if (!v.is(Version, split.version)) throw new Refusal(`${text} is no version: VERSION or VERSION-RELEASE, as in 1.2.1-1`)
  return {
    product,
    ...split,
    archs: wordsOf(values.arch ?? process.arch, ARCHS, '--arch'),
    formats: wordsOf(values.only ?? FORMATS.join(','), FORMATS, '--only'),
    dist: resolve(values.dist ?? join(ROOT, 'dist')),
    quick: values.quick,
    json: values.json,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        arch: { type: 'string' },
        only: { type: 'string' },
        dist: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new Refusal(`${(error as Error).message}\n\n${HELP}`, { cause: error })
  }
}
