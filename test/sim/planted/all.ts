import type { Metafile, Reducer } from '../../../packages/bootagent/src/state/metafile-schema.ts'
import type { MetafileStore } from '../../../packages/bootagent/src/state/metafile.ts'
import { after } from '../host/machine.ts'
import type { Plant } from './plant.ts'

/** Every fault that can be planted, by what it does. */
const PLANTS: Readonly<Record<string, Plant>> = {
  'a repeated job is taken anew': {
    settle: (settles) => async (parts, answered) => {
      await parts.metafile.update(forgetFinished)
      await settles(parts, answered)
    },
  },
  'a change is told before it is durable': {
    store: (store) => {
      let current = store.read()
      return {
        read: () => current,
        async update(reducer) {
          current = reducer(current)
          void store.update(reducer)
          return current
        },
      }
    },
  },
  'files are renamed before they are synced': {
    disk: (disk) => ({ ...disk, syncFile: () => undefined }),
  },
  'names are never synced': {
    disk: (disk) => ({ ...disk, syncDirectory: () => undefined }),
  },
  'the result is written before the end of its trial': { store: inTwoWrites },
  'a start does not wait for the end of what ran': { hasty: true },
  'a trial is kept on an old look': {
    supervisor: (supervisor) => ({ ...supervisor, lookAgain: async () => undefined }),
  },
  'the release before is forgotten': {
    store: (store) => ({ ...store, update: (reducer) => store.update((metafile) => forgetPrevious(reducer(metafile))) }),
  },
  'the server answers before it has stored': {
    transact: (transact, time) => (work) =>
      new Promise((resolve, reject) => {
        transact(async (stores) => {
          resolve(await work(stores))
          await after(time, 200)
        }).catch(reject)
      }),
  },
  'bytes are run that nobody has checked': { trusting: true },
}

export function plantNamed(name: string | undefined): Plant {
  if (name === undefined) return {}
  const found = PLANTS[name]
  if (found === undefined)
    throw new TypeError(`there is no fault "${name}" to plant; there are: ${Object.keys(PLANTS).join(', ')}`)
  return found
}

const forgetFinished: Reducer = (metafile) => ({
  ...metafile,
  jobs: Object.fromEntries(Object.entries(metafile.jobs).filter(([, record]) => record.acknowledged === undefined)),
})

function forgetPrevious(metafile: Metafile): Metafile {
  const agents = Object.entries(metafile.agents).map(([name, agent]) => [name, { ...agent, previous: null }])
  return { ...metafile, agents: Object.fromEntries(agents) }
}

/** First the result, and in a write of its own whatever ends with it. */
function inTwoWrites(store: MetafileStore): MetafileStore {
  return {
    read: () => store.read(),
    async update(reducer) {
      const before = store.read()
      const next = reducer(before)
      const ends = Object.entries(next.jobs).some(([key, { state }]) => state === 'done' && before.jobs[key]?.state !== 'done')
      if (ends) await store.update((metafile) => ({ ...metafile, jobs: reducer(metafile).jobs }))
      return await store.update(reducer)
    },
  }
}
