import { describe, expect, test } from 'vitest'
import { createService, runAll, type Service, whenAborted } from './service.ts'
import { stressService } from './testing/index.ts'

/** A service that writes its life into a diary, and ends when told to: by the signal, or by `end`. */
function diarist(name: string, diary: string[]): Service & { end(fault?: Error): void } {
  const told = Promise.withResolvers<void>()
  told.promise.catch(() => undefined)
  const service = createService(async (signal, ready) => {
    diary.push(`${name} starts`)
    ready()
    try {
      await Promise.race([whenAborted(signal), told.promise])
    } finally {
      diary.push(`${name} stops`)
    }
  })
  return {
    ended: service.ended,
    start: service.start,
    stop: service.stop,
    end: (fault) => (fault === undefined ? told.resolve() : told.reject(fault)),
  }
}

/** A service that is never ready: it waits, as for a server, until it is told to stop. */
function hopeful(): Service {
  return createService((signal) => whenAborted(signal))
}

describe('createService', () => {
  test('keeps the contract', async () => {
    await expect(stressService(() => diarist('it', []))).resolves.toBeUndefined()
    await expect(stressService(() => createService(async () => undefined))).resolves.toBeUndefined()
  })

  test('starts once, however often it is told to', async () => {
    const diary: string[] = []
    const service = diarist('it', diary)
    await Promise.all([service.start(), service.start()])
    await service.stop()
    expect(diary).toEqual(['it starts', 'it stops'])
  })

  test('stopped before it is started, it never works', async () => {
    const diary: string[] = []
    const service = diarist('it', diary)
    await service.stop()
    await service.start()
    expect(diary).toEqual([])
  })

  test('a fault before it is ready is a failed start, and its end', async () => {
    const service = createService(() => Promise.reject(new Error('port taken')))
    await expect(service.start()).rejects.toThrow('port taken')
    await expect(service.ended).rejects.toThrow('port taken')
  })

  test('a fault after it is ready is its end, and stop tells nothing of it', async () => {
    const service = diarist('it', [])
    await service.start()
    service.end(new Error('disk gone'))
    await service.stop()
    await expect(service.ended).rejects.toThrow('disk gone')
  })
})

describe('runAll', () => {
  test('keeps the contract', async () => {
    await expect(stressService(() => runAll([diarist('a', []), diarist('b', [])]))).resolves.toBeUndefined()
    await expect(stressService(() => runAll([]))).resolves.toBeUndefined()
    await expect(
      stressService(() => runAll([diarist('a', []), runAll([diarist('b', []), diarist('c', [])])])),
    ).resolves.toBeUndefined()
  })

  test('starts left to right and stops right to left', async () => {
    const diary: string[] = []
    const all = runAll(['a', 'b', 'c'].map((name) => diarist(name, diary)))
    await all.start()
    await all.stop()
    expect(diary).toEqual(['a starts', 'b starts', 'c starts', 'c stops', 'b stops', 'a stops'])
  })

  test('the first to end stops the rest', async () => {
    const diary: string[] = []
    const [a, b, c] = [diarist('a', diary), diarist('b', diary), diarist('c', diary)]
    const all = runAll([a, b, c])
    await all.start()
    b.end()
    await all.ended
    expect(diary.slice(3)).toEqual(['b stops', 'c stops', 'a stops'])
  })

  test('a fault of one stops the rest, and is the end of all', async () => {
    const diary: string[] = []
    const [a, b] = [diarist('a', diary), diarist('b', diary)]
    const all = runAll([a, b])
    await all.start()
    a.end(new Error('disk gone'))
    await expect(all.ended).rejects.toThrow('disk gone')
    expect(diary.slice(2)).toEqual(['a stops', 'b stops'])
  })

  test('what cannot start stops what has started, and nothing after it is started', async () => {
    const diary: string[] = []
    const broken = createService(() => Promise.reject(new Error('port taken')))
    const all = runAll([diarist('a', diary), broken, diarist('c', diary)])
    await expect(all.start()).rejects.toThrow('port taken')
    await expect(all.ended).rejects.toThrow('port taken')
    expect(diary).toEqual(['a starts', 'a stops'])
  })

  test('a stop does not wait for a start that waits for the world', async () => {
    const diary: string[] = []
    const all = runAll([diarist('a', diary), hopeful(), diarist('c', diary)])
    const starting = all.start()
    await all.stop()
    await starting
    expect(diary).toEqual(['a starts', 'a stops'])
  })

  test('an end is seen while another start waits for the world', async () => {
    const a = diarist('a', [])
    const all = runAll([a, hopeful()])
    const starting = all.start()
    a.end(new Error('disk gone'))
    await expect(starting).rejects.toThrow('disk gone')
  })
})

describe('stressService', () => {
  test.each<[breach: string, make: () => Service, says: string]>([
    ['fails when it is stopped before it is started', () => needsStart(diarist('it', [])), 'stopped, never started failed'],
    ['fails when it is stopped twice', () => onceOnly(diarist('it', []), 'stop'), 'failed'],
    ['fails when it is started twice', () => onceOnly(diarist('it', []), 'start'), 'started twice failed'],
    ['lets its abort out as a fault', throwsOnAbort, 'started, then stopped failed'],
    ['says it has stopped when it has not', hurried, 'started, then stopped failed'],
  ])('catches a service that %s', async (_, make, says) => {
    await expect(stressService(make)).rejects.toThrow(says)
  })
})

function needsStart(service: Service): Service {
  let started = false
  return {
    ended: service.ended,
    start: () => ((started = true), service.start()),
    stop: () => (started ? service.stop() : Promise.reject(new Error('not started'))),
  }
}

function onceOnly(service: Service, call: 'start' | 'stop'): Service {
  let calls = 0
  const once = () => ((calls += 1), calls > 1 ? Promise.reject(new Error('again?')) : service[call]())
  return { ended: service.ended, start: () => service.start(), stop: () => service.stop(), [call]: once }
}

function throwsOnAbort(): Service {
  return createService(async (signal, ready) => {
    ready()
    await whenAborted(signal)
    signal.throwIfAborted()
  })
}

function hurried(): Service {
  return { ended: new Promise(() => undefined), start: async () => undefined, stop: async () => undefined }
}
