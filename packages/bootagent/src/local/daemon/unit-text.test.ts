import { expect, test } from 'vitest'
import { homeOfUnit, unitFor, WRITTEN_BY_US } from './unit-text.ts'

const TEMPLATE =
  '[Service]\nType=exec\nExecStart=/usr/lib/bootagent/guard /var/lib/bootagent /usr/lib/bootagent/bootagent $OPTIONS\nRestart=always\n'
const FACTS = { guard: '/opt/ba/guard', home: '/srv/ba', seed: '/opt/ba/bootagent', options: ['-S', 'a:1,b'] }

test('the unit is that of the packages, but for where things lie', () => {
  expect(unitFor(TEMPLATE, FACTS)).toBe(
    `${WRITTEN_BY_US}\n[Service]\nType=exec\nExecStart=/opt/ba/guard /srv/ba /opt/ba/bootagent $OPTIONS -S a:1,b\nRestart=always\n`,
  )
})

test('whatever systemd would read something into is told as it is', () => {
  const said = unitFor(TEMPLATE, { ...FACTS, home: '/my "home"', options: ['100%', '$HOME', 'a\\b'] })
  expect(said).toContain('ExecStart=/opt/ba/guard "/my \\"home\\"" /opt/ba/bootagent $OPTIONS 100%% $$HOME "a\\\\b"\n')
})

test('a unit is of the home that its guard is given', () => {
  expect(homeOfUnit(TEMPLATE)).toBe('/var/lib/bootagent')
  expect(homeOfUnit(unitFor(TEMPLATE, FACTS))).toBe('/srv/ba')
  expect(homeOfUnit(unitFor(TEMPLATE, { ...FACTS, home: '/a home' }))).toBe('/a home')
  expect(homeOfUnit('[Service]\nExecStart=/usr/bin/other\n')).toBeUndefined()
})
