import { expect, test } from 'vitest'
import { exampleAgent, exampleMetafile, exampleRelease, OLD } from '../../test/scenes/example-metafile.ts'
import { pathsOf } from '../state/paths.ts'
import { agentEnvironment } from './agent-environment.ts'

const PATHS = pathsOf('/home-of-all', '/run-of-all')
const TOLD = { name: 'metrics', server: 'http://old.example:8180' }

function environmentWith(envs: Record<string, string>): Record<string, string> {
  const agent = exampleAgent({ releases: { [OLD]: exampleRelease({ envs }) } })
  return agentEnvironment(PATHS, exampleMetafile({ agents: { metrics: agent } }), TOLD)
}

test('an agent knows itself, its host, its server and its data, and nothing of our own environment', () => {
  expect(environmentWith({})).toEqual({
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: 'C.UTF-8',
    HOME: '/home-of-all/agents/metrics/data',
    BOOTAGENT_AGENT: 'metrics',
    BOOTAGENT_AGENTSN: 'host-1',
    BOOTAGENT_SERVER: 'http://old.example:8180',
    BOOTAGENT_DATA: '/home-of-all/agents/metrics/data',
  })
})

test('what its job gives goes over what every agent is given', () => {
  expect(environmentWith({ PATH: '/opt/bin', HOME: '/tmp', LEVEL: 'debug' })).toMatchObject({
    PATH: '/opt/bin',
    HOME: '/tmp',
    LEVEL: 'debug',
  })
})

// Another name in it would let one agent speak to the server as another.
test('what only we can tell it no job can change', () => {
  expect(environmentWith({ BOOTAGENT_AGENT: 'x', BOOTAGENT_AGENTSN: 'x', BOOTAGENT_SERVER: 'x', BOOTAGENT_DATA: 'x' })).toEqual(
    environmentWith({}),
  )
})

test.each([
  ['is not there', {}],
  ['has no release', { metrics: exampleAgent({ release: null }) }],
  ['has a release that is not on record', { metrics: exampleAgent({ release: 'gone' }) }],
])('an agent that %s has what every agent has', (_, agents) => {
  expect(agentEnvironment(PATHS, exampleMetafile({ agents }), TOLD)).toEqual(environmentWith({}))
})
