import type { ImportRules } from './import-rules.ts'

/** Between packages: by folder under packages/. */
export const PACKAGES: ImportRules['packages'] = {
  protocol: { may: [], why: 'the words both sides share stand on nothing of ours, so that any side can be replaced' },
  runtime: { may: [], why: 'clock, service and disk know no domain; whoever needs a word of ours belongs in a package of ours' },
  bootagent: { may: ['protocol', 'runtime'], why: 'a host knows its server by the protocol alone' },
  server: { may: ['protocol', 'runtime'], why: 'the server knows its hosts by the protocol alone' },
  cli: { may: ['protocol', 'runtime'], why: 'operators can do what the API offers, and nothing past it' },
}

/** Inside packages: by package, by part, from the bottom to the top. */
export const PARTS: ImportRules['parts'] = {
  bootagent: {
    errors: { may: [], why: 'the bottom of all: everyone may say what went wrong' },
    shortage: { may: [], why: 'what a host lacks is told from what its files say everywhere; it depends on nothing' },
    'build-info': { may: [], why: 'what was baked in; it depends on nothing' },
    leaving: { may: [], why: 'how a run ends is asked for from anywhere; it depends on nothing' },
    state: { may: ['errors'], why: 'what is: it must not know what will be made of it' },
    event: { may: ['state', 'errors'], why: 'an event is made from facts; who saw them hands them in' },
    job: { may: ['event', 'state', 'errors'], why: 'taking a job must not know how jobs are carried out' },
    plan: { may: ['job', 'state', 'errors'], why: 'a plan is made from the job and what is seen, by values alone' },
    health: { may: [], why: 'whether an agent is well is asked and judged; what is done about it is not its business' },
    limits: {
      may: ['shortage'],
      types: ['usage'],
      why: 'it knows groups and figures, and neither what an agent is nor when one is started',
    },
    logs: { may: ['state', 'errors'], why: 'output is kept in bounds, and read, whoever the agent is and whatever it does' },
    usage: {
      may: ['limits', 'supervise', 'shortage'],
      why: 'it measures what runs, knowing processes by the identity that supervision proves, and kills nothing itself',
    },
    supervise: {
      may: ['event', 'health', 'logs', 'state', 'shortage', 'errors'],
      types: ['limits'],
      why: 'agents are kept running with no server and no job',
    },
    trial: {
      may: ['state', 'errors'],
      types: ['supervise'],
      why: 'a trial judges what it is shown; it asks for the way back and never walks it',
    },
    own: {
      may: ['event', 'leaving', 'state', 'errors'],
      types: ['happening'],
      why: 'the slots of BootAgent itself; a job about them is planned and carried out like any other',
    },
    worker: { may: ['shortage', 'errors'], why: 'what meets hostile bytes must have nothing of the host within reach' },
    execute: {
      may: ['plan', 'supervise', 'trial', 'own', 'state', 'worker', 'leaving', 'errors'],
      why: 'the only doer does what a plan says; it takes no jobs and talks to no server',
    },
    remote: {
      may: ['job', 'supervise', 'state', 'errors'],
      types: ['usage'],
      why: 'it carries reports and replies, in the words for what is seen of an agent; it never decides',
    },
    control: {
      may: ['job', 'state', 'supervise', 'leaving', 'errors'],
      types: ['limits', 'remote', 'usage'],
      why: 'it shows the host and takes orders as jobs; whatever is done about them, it is handed',
    },
    orders: {
      may: ['job', 'state', 'errors'],
      types: ['happening'],
      why: 'what an operator orders is settled in the metafile; it is carried out like any job',
    },
    local: {
      may: ['control', 'limits', 'logs', 'state', 'supervise', 'trial', 'remote', 'errors'],
      types: ['build-info', 'job'],
      why: 'the command line shows and tests what is there; it gives no orders past a job',
    },
    'calling-off': {
      may: ['job', 'state', 'errors'],
      types: ['walk'],
      why: 'what is at work is found by whoever calls it off; how a job is carried out is not its business',
    },
    drain: { may: [], types: ['supervise'], why: 'it has agents stopped at the end, and starts none' },
    happening: { may: [], types: ['supervise'], why: 'what can be told is a list of facts; telling changes nothing' },
    walk: {
      may: [],
      types: ['calling-off', 'execute', 'plan', 'remote', 'happening', 'settling'],
      why: 'what the stages of the walk are handed, as types',
    },
    settle: {
      may: ['job', 'remote', 'state', 'errors'],
      types: ['walk'],
      why: 'a stage of the walk: what a reply brings is settled in the metafile',
    },
    settling: {
      may: ['event', 'state'],
      types: ['walk', 'remote'],
      why: 'it lets what an answer means take its time, and tells of it; what that is it is given',
    },
    errands: {
      may: ['job', 'remote'],
      types: ['walk'],
      why: 'it carries results to whom they are owed; what comes back is settled by whoever settles all',
    },
    talk: {
      may: ['errands', 'event', 'job', 'remote', 'state', 'errors'],
      types: ['walk'],
      why: 'a loop of the walk: it reports and takes jobs, it carries out none',
    },
    work: {
      may: ['execute', 'own', 'plan', 'job', 'event', 'trial', 'state', 'errors'],
      types: ['walk'],
      why: 'a loop of the walk: it carries jobs out, it talks to no server',
    },
    agent: {
      may: ['talk', 'work'],
      types: ['walk'],
      why: 'the walk shows every stage; shells are built by compose and handed in',
    },
    compose: { may: ['*'], why: '' },
    'compose-care': { may: ['*'], why: '' },
    run: {
      may: ['compose', 'local', 'own', 'state', 'errors'],
      types: ['build-info'],
      why: 'it runs what compose has built and builds nothing itself',
    },
    main: { may: ['run', 'local', 'worker', 'build-info', 'errors'], why: 'it reads the command and hands over' },
    index: { may: ['*'], why: '' },
  },
  server: {
    errors: { may: [], why: 'the bottom of all: everyone may say what went wrong' },
    version: { may: [], why: 'a number; it depends on nothing' },
    world: { may: [], why: 'what use cases are given of the outside, as types' },
    db: { may: ['errors'], why: 'it keeps rows and knows no use of them' },
    http: { may: ['errors'], why: 'it carries requests and knows no route' },
    hosts: { may: ['db', 'http', 'errors'], types: ['stores', 'world'], why: 'a host is there whether or not it has jobs' },
    events: { may: ['db', 'errors'], types: ['stores'], why: 'an event is kept whatever it is about' },
    packages: {
      may: ['db', 'http', 'errors'],
      types: ['stores', 'world'],
      why: 'a package is there whether or not a host runs it',
    },
    jobs: {
      may: ['hosts', 'packages', 'db', 'http', 'errors'],
      types: ['stores', 'world'],
      why: 'a job joins hosts and packages; it knows no route and no view',
    },
    stores: { may: [], types: ['hosts', 'events', 'jobs', 'packages'], why: 'the ports of one transaction, as types' },
    'stores.memory': {
      may: ['hosts', 'events', 'jobs', 'packages'],
      types: ['stores'],
      why: 'it puts stores together and uses none',
    },
    'stores.sql': {
      may: ['hosts', 'events', 'jobs', 'packages', 'db'],
      types: ['stores'],
      why: 'it puts stores together and uses none',
    },
    views: {
      may: ['db', 'hosts', 'jobs', 'packages', 'errors'],
      why: 'what operators see is read from the tables; a view changes nothing',
    },
    'agent-api': {
      may: ['hosts', 'events', 'jobs', 'packages', 'http', 'version', 'errors'],
      types: ['stores', 'world'],
      why: 'what hosts call: use cases in order, and neither the database nor what operators see',
    },
    'operator-api': {
      may: ['hosts', 'jobs', 'packages', 'views', 'http', 'version', 'errors'],
      types: ['db', 'stores', 'world'],
      why: 'what operators call: use cases and views, and nothing of what hosts call',
    },
    config: { may: ['version', 'errors'], why: 'it reads the command line and starts nothing' },
    compose: { may: ['*'], why: '' },
    main: { may: ['compose', 'config', 'http', 'errors'], why: 'argv ▸ compose ▸ run ▸ exit code, and nothing else' },
    index: { may: ['*'], why: '' },
  },
}

/** Files told by the end of their name. */
export const FILES: ImportRules['files'] = [
  {
    file: /\.(sql|memory)\.ts$/,
    onlyFrom: /\/(compose|stores\.(sql|memory))\.ts$/,
    why: 'who uses a store knows its port (x-store.ts); which store it is is decided where the program is put together',
  },
]
