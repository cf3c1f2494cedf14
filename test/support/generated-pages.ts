/** The pages and pictures that are made from the code, so that they cannot say anything else. */
import {
  builtInNames,
  builtInSource,
  parameters,
  type ReportedRun,
  readScenario,
  renderPicture,
  simulate,
} from '@ecs-drain/simulator'

const builtIn = (name: string) => {
  const source = builtInSource(name)
  if (source === undefined) throw new Error(`no scenario ${name}`)
  const scenario = readScenario(source)
  if (scenario._tag === 'Left') throw new Error(scenario.left.join('\n'))
  return scenario.right
}

const planOf = (name: string) => {
  const plan = builtIn(name).variants[0]?.plan
  if (plan === undefined) throw new Error(`no plan in ${name}`)
  return plan
}

/** The AMI update, without and with. */
export const drawnPicture = async (): Promise<string> => {
  const plan = planOf('ami-update')
  const runs = (['none', 'ecs-drain'] as const).map(
    (controller): ReportedRun => ({ controller, ...simulate(plan, { controller }) }),
  )
  return renderPicture({ plan, runs, titles: ['without a lifecycle hook', 'with ecs-drain'] })
}

const generated =
  '<!-- Generated from the code: UPDATE_DOCS=1 pnpm exec vitest run --project repo test/documentation.test.ts -->'

/** Every behaviour that AWS does not document, and every duration. */
export const parametersPage = (): string => {
  const shown = (value: number | readonly [number, number]): string =>
    typeof value === 'number' ? `${value}` : `${value[0]} to ${value[1]}`
  const rows = Object.entries(parameters).map(
    ([name, { default: usual, range, unit, says }]) =>
      `| \`${name}\` | ${shown(usual)} | ${shown(range)} | ${unit} | ${says} |`,
  )
  return [
    '# Parameters of the simulated world',
    '',
    generated,
    '',
    'What no source of AWS states is a parameter here, and so is everything whose duration depends on an account. A plan sets one',
    'under `parameters`, as a number or as a range `[least, most]` from which each occurrence draws its own value.',
    '',
    '| name | default | range | unit | what it is |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

/** What each built-in scenario teaches. */
export const scenariosPage = (): string => {
  const sections = builtInNames.flatMap((name) => {
    const { variants } = builtIn(name)
    const labels = variants.flatMap(({ name: label }) => (label === null ? [] : [`\`${label}\``]))
    return [
      `## ${name}`,
      '',
      (variants[0]?.plan.teaches ?? '').trim(),
      '',
      ...(labels.length > 1 ? [`Variants: ${labels.join(', ')}.`, ''] : []),
    ]
  })
  return [
    '# Built-in scenarios',
    '',
    generated,
    '',
    'Each is a file in `packages/simulator/scenarios` with an expectation that a test holds it to.',
    '`npx ecs-drain simulate NAME --controller all` runs one.',
    '',
    ...sections,
  ].join('\n')
}
