import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { readProc } from '../../src/supervise/process-identity.ts'

// Any user of the host can do so, and every look that scans the host reads what he has made of it.
test('a process that calls gigabytes its environment does not fill our memory', async ({ skip }) => {
  const child = spawn('python3', ['-c', CALLS_ITS_MEMORY_ENVIRONMENT], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit'), once(child, 'error')])) as [unknown]
  if (!(said instanceof Buffer)) return skip('no python3 here, or a kernel without PR_SET_MM_MAP')
  const environment = readProc(`/proc/${child.pid}/environ`)
  expect(environment?.length).toBe(2 * 1024 * 1024)
})

/** prctl(2): PR_SET_MM is 35, PR_SET_MM_MAP 14; the fields are of struct prctl_mm_map and of proc(5), stat. */
const CALLS_ITS_MEMORY_ENVIRONMENT = `
import ctypes, mmap, time
size = 700 << 20
memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)
start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
stat = [0, 0, 0] + open('/proc/self/stat').read().rsplit(')', 1)[1].split()
field = lambda number: int(stat[number])
libc = ctypes.CDLL(None, use_errno=True)
libc.sbrk.restype = ctypes.c_void_p
fields = [field(26), field(27), field(45), field(46), field(47), libc.sbrk(0), field(28), field(48), field(49), start, start + size, 0]
class Map(ctypes.Structure):
    _fields_ = [('addresses', ctypes.c_uint64 * 12), ('auxv_size', ctypes.c_uint32), ('exe', ctypes.c_uint32)]
map = Map((ctypes.c_uint64 * 12)(*fields), 0, 0xffffffff)
if libc.prctl(35, 14, ctypes.byref(map), ctypes.sizeof(map), 0) != 0:
    raise SystemExit(1)
print('done', flush=True)
time.sleep(600)
`
