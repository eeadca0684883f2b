import { type Found, ok, warn } from './finding.ts'
import { metafileOf, type Tested } from './tested.ts'

/** What the command line says; one that cannot be read has ended this program before, with exit code 2. */
export function checkOptions(tested: Tested): Found[] {
  const { options, build } = tested
  const known = metafileOf(tested) !== undefined
  const ignored = [
    ...(known && options.servers !== undefined ? ['-S'] : []),
    ...(known && options.agentsn !== undefined ? ['--agentsn'] : []),
  ]
  const said = `bootagent ${build.version}, home ${options.home}, run ${options.run}`
  if (ignored.length === 0) return [ok(said)]
  return [warn(`${said}; ${ignored.join(' and ')} will be ignored: this is not the first start`, 'leave it out')]
}
