// docs/reference/dependencies.md, made from what is installed and from what was built.
import { generatedNote } from './generated-note.ts'
import { bundledInLambda, keyOf, productionDependencies } from './installed-dependencies.ts'
import { packageFolders } from './repository.ts'

/** Every package of other people that comes along, with its licence and who needs it. */
export const dependenciesPage = (): string => {
  const dependencies = productionDependencies()
  const bundled = bundledInLambda()
  const licences = new Map<string, number>()
  for (const { license } of dependencies) licences.set(license, (licences.get(license) ?? 0) + 1)
  const numberOf = (packageFolder: string): number =>
    dependencies.filter(({ neededBy }) => neededBy.includes(packageFolder)).length
  return [
    generatedNote,
    '',
    '# Dependencies and their licences',
    '',
    "Other people's packages that are installed with ours, or are inside of the function's zip. What is only needed to build and",
    'to test is not here. The zip holds the licences of what is in it, in `THIRD-PARTY-NOTICES.txt`.',
    '',
    '| package | needs |',
    '| --- | --- |',
    ...packageFolders().map((folder) => `| \`@ecs-drain/${folder}\` | ${numberOf(folder)} |`),
    `| the zip of the function | ${bundled.size} |`,
    '',
    '| licence | packages |',
    '| --- | --- |',
    ...[...licences].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([licence, count]) => `| ${licence} | ${count} |`),
    '',
    '| package | version | licence | needed by | in the zip |',
    '| --- | --- | --- | --- | --- |',
    ...dependencies.map((each) => {
      const inZip = bundled.has(keyOf(each)) ? 'yes' : ''
      return `| \`${each.name}\` | ${each.version} | ${each.license} | ${each.neededBy.join(', ')} | ${inZip} |`
    }),
    '',
  ].join('\n')
}
