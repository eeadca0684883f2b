import process from 'node:process'
import { systemClock } from '@bootagent/runtime'
import { createProbe } from '../../src/health/probe.ts'

/** A program: checks the port it is given, twice, and prints what came of it as JSON. */
const subject = { directory: '/', release: '/', data: '/', prefix: [], environment: { BOOTAGENT_ATTEMPT: '/' } }
const ask = () => createProbe(systemClock)({ kind: 'tcp', port: Number(process.argv[2]) }, subject, new AbortController().signal)
process.stdout.write(JSON.stringify([await ask(), await ask()]))
