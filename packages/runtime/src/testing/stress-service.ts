import type { Service } from '../service.ts'

/** Proves the {@link Service} contract for any service: `make` gives a fresh one each time. Throws on the first breach. */
export async function stressService(make: () => Service): Promise<void> {
  const stories: Readonly<Record<string, (service: Service) => Promise<unknown>>> = {
    'started, then stopped': async (it) => [await it.start(), await it.stop()],
    'stopped, never started': (it) => it.stop(),
    'stopped before it is started': async (it) => [await it.stop(), await it.start()],
    'started twice': async (it) => [await it.start(), await it.start(), await it.stop()],
    'stopped twice': async (it) => [await it.start(), await it.stop(), await it.stop()],
    'stopped while it starts': (it) => Promise.all([it.start(), it.stop()]),
    'all at once': (it) => Promise.all([it.start(), it.start(), it.stop(), it.stop()]),
  }
  for (const [story, tell] of Object.entries(stories)) {
    const service = make()
    try {
      await tell(service)
      await service.stop()
      await mustHaveEnded(service)
    } catch (error) {
      throw new Error(`a service that is ${story} failed`, { cause: error })
    }
  }
}

/** By the time `stop` has resolved, `ended` is settled: who waits for the one need not wait for the other. */
async function mustHaveEnded(service: Service): Promise<void> {
  const later = new Promise<boolean>((resolve) => setImmediate(resolve, false))
  if (!(await Promise.race([service.ended.then(() => true), later]))) throw new Error('stop resolved before it had ended')
}
