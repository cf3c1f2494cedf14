/** What the process's exit code says. People's scripts read it, so a number never changes its meaning. */
export const exitCodes = {
  /** Every run was made, and every promise of ecs-drain held. Of a run that had not settled when its time was up the output says so. */
  ok: 0,
  /** A fault of ours, or of the machine: a disk that is full. */
  failure: 1,
  /** An option, a scenario or a file name that cannot be used. Nothing was written. */
  badInput: 2,
  /** ecs-drain broke a promise; the output names it and its witness. */
  promiseBroken: 3,
  /** `check`: from some state on a drain can never end. `storm`: only promises of liveness (L1 to L3) were broken. */
  livenessBroken: 4,
  /** `check`: nothing is broken, but the model never reached what it is there for. */
  neverReached: 5,
  /** `check`: nothing was found within the bounds, and not everything was looked at. */
  boundHit: 6,
  /** `storm`: a run ended with an exception; safety held. */
  threw: 7,
  /** `simulate`: the promises held, but a run was not what the scenario expects of it. */
  notAsExpected: 8,
  /** Ctrl-C: 128 + SIGINT, as shells count. */
  interrupted: 130,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const ran = '0    every run was made, and every promise of ecs-drain held; a run that had not settled in time says so'
const failed = '1    unexpected failure'
const refused = '2    bad input: an option, a scenario or a file; nothing was written'
const broke = '3    ecs-drain broke a promise (other controllers may: that is what they are there for)'
const unexpected = '8    a run was not what the scenario expects of it (`expect` in its file)'
const stopped = '130  interrupted (143: terminated); no half-written file remains'

const ofStorm = [
  '0    every seed was run, and every promise held',
  failed,
  refused,
  '3    ecs-drain broke a promise of safety (S1 to S5)',
  '4    only promises of liveness (L1 to L3) were broken',
  '7    a run ended with an exception; safety held',
  stopped,
]

const byCommand: Readonly<Record<string, ReadonlyArray<string>>> = {
  simulate: [ran, failed, refused, broke, unexpected, stopped],
  serve: [failed, refused, stopped],
  check: [
    '0    everything was explored, and nothing is broken',
    failed,
    refused,
    '3    ecs-drain broke a promise',
    '4    a drain that can never end was found',
    '5    nothing is broken, but something that should happen never did',
    '6    nothing was found, but a bound cut the exploration short',
    stopped,
  ],
  scenarios: ['0    they were listed', failed, refused],
  import: [
    '0    the scenario was written',
    '1    AWS refused a question, or there is no AWS CLI',
    '2    bad input, or a scenario was written that has to be changed first: stderr says where',
    stopped,
  ],
  storm: ofStorm,
  merge: ofStorm,
}

const ofAll = [
  ran,
  failed,
  refused,
  broke,
  '4    check: a drain that can never end was found; storm: only promises of liveness (L1 to L3) were broken',
  '5    check: nothing is broken, but something that should happen never did',
  '6    check: nothing was found, but a bound cut the exploration short',
  '7    storm: a run ended with an exception; safety held',
  '8    simulate: a run was not what the scenario expects of it',
  stopped,
]

/** For `--help` of a command. */
export const exitCodesHelp = (command: string): string =>
  ['', 'Exit codes:', ...(byCommand[command] ?? ofAll).map((line) => `  ${line}`)].join('\n')

/** Input that cannot be used; each line is told on its own. */
export class BadInput extends Error {
  readonly lines: ReadonlyArray<string>

  constructor(lines: ReadonlyArray<string>) {
    super(lines.join('\n'))
    this.name = 'BadInput'
    this.lines = lines
  }
}
