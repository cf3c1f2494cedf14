// Documentation is run: every example, every command with what it prints, every scenario, every generated page and
// picture, every link. `UPDATE_DOCS=1` writes outputs and pages anew instead of comparing them.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { awsAdapterPage } from './support/aws-adapter-page.ts'
import { costPage } from './support/cost-page.ts'
import { dependenciesPage } from './support/dependencies-page.ts'
import { endpointPage } from './support/endpoint-page.ts'
import { linesPrintedBy, typeErrorsIn } from './support/examples.ts'
import { drawnPicture, parametersPage, scenariosPage } from './support/generated-pages.ts'
import { iamPage } from './support/iam-page.ts'
import { lambdaPage } from './support/lambda-page.ts'
import { anchorsOf, type Block, blocksOf, linksOf, withBlocks } from './support/markdown.ts'
import { planFilePage } from './support/plan-file-page.ts'
import { packageFolders, repositoryRoot } from './support/repository.ts'
import { createScratchFolder, type ScratchFolder } from './support/scratch-folder.ts'
import { templatesPage } from './support/templates-page.ts'

const updates = process.env['UPDATE_DOCS'] === '1'

const pathOf = (name: string): string => join(repositoryRoot, name)
const read = (name: string): string => readFileSync(pathOf(name), 'utf8')

// First, because the pages' commands are run as they are then.
describe('generated', () => {
  test.each([
    ['docs/pictures/ami-update.svg', drawnPicture],
    ['docs/aws-adapter.md', awsAdapterPage],
    ['docs/cost.md', costPage],
    ['docs/iam.md', iamPage],
    ['docs/lambda.md', lambdaPage],
    ['docs/parameters.md', parametersPage],
    ['docs/plan-file.md', planFilePage],
    ['docs/reference/dependencies.md', dependenciesPage],
    ['docs/reference/endpoint.md', endpointPage],
    ['docs/reference/templates.md', templatesPage],
    ['docs/scenarios.md', scenariosPage],
  ] as const)('%s is what the code says', async (name, render) => {
    const rendered = await render()
    if (updates) {
      mkdirSync(dirname(pathOf(name)), { recursive: true })
      writeFileSync(pathOf(name), rendered)
    } else expect(read(name)).toBe(rendered)
  })
})

const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...packageFolders().map((folder) => `packages/${folder}/README.md`),
  ...['docs', 'docs/decisions', 'docs/reference'].flatMap((folder) =>
    readdirSync(pathOf(folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
]

/** An example with what it prints in its `// =>` comments. Where their number is another, they go to its end. */
const withPrinted = (text: string, printed: ReadonlyArray<string>): string => {
  const said = / ?\/\/ => .*$/gm
  if ([...text.matchAll(said)].length !== printed.length) {
    return [text.replace(said, '').trimEnd(), ...printed.map((line) => `// => ${line}`)].join('\n')
  }
  const lines = printed[Symbol.iterator]()
  return text.replace(said, (comment) => `${comment.startsWith(' ') ? ' ' : ''}// => ${lines.next().value ?? ''}`)
}

/** No example: a drawing has no language. */
const isDrawing = ({ language, text }: Block): boolean => language === '' && /[─│▶]/.test(text)

/** `$ command` and, up to the next, what it prints on both streams. */
const conversation = (text: string): ReadonlyArray<{ readonly command: string; readonly printed: string }> =>
  text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...printed] = part.trimEnd().split('\n')
      return { command, printed: printed.join('\n') }
    })

/** What is said of a step that takes longer than a second, as on a busy machine any may. */
const progress = /^ecs-drain: .* \.\.\.\n/gm

/** The block as it should be, or null where nothing in it can be compared. Throws where it does not run. */
const asRun = async (block: Block, scratch: ScratchFolder): Promise<string | null> => {
  const { language, text, directives } = block
  const file = directives.get('file')
  if (file !== undefined) scratch.write(file, text)
  const printedBy = directives.get('printed by')
  if (printedBy !== undefined) return scratch.run(printedBy).stdout.trimEnd()
  const until = directives.get('goes on')
  if (until !== undefined) {
    return conversation(text)
      .map(({ command }) => `$ ${command}\n${scratch.start(command, until)}`.trimEnd())
      .join('\n')
  }
  switch (language) {
    case 'ts':
      return withPrinted(text, await linesPrintedBy(text))
    case 'console':
      return conversation(text)
        .map(({ command }) => {
          const printed = scratch.run(`{ ${command}\n} 2>&1`).stdout.replaceAll(progress, '')
          return `$ ${command}\n${printed}`.trimEnd()
        })
        .join('\n')
    case 'sh': {
      const { code, stdout, stderr } = scratch.run(`set -e\n${text}`)
      if (code !== 0) throw new Error(`exit code ${code}:\n${stdout}${stderr}`)
      return null
    }
    case 'yaml': {
      scratch.write('scenario.yaml', text)
      const { code, stderr } = scratch.run('npx ecs-drain simulate scenario.yaml --json')
      // Not as it expects: what comes of that, its page shows.
      if (code !== 0 && code !== 8) throw new Error(stderr)
      return null
    }
    default:
      throw new Error('a block that is not run says so: <!-- not run: WHY -->')
  }
}

/** Paths from the root in code font (but for placeholders such as NAME), and what npm and pnpm are told to run. */
const namedIn = (page: string) => ({
  paths: [...page.matchAll(/`((?:packages|test|docs|scripts|\.ci)\/[\w./-]+)`/g)].map(([, path = '']) => path),
  scriptNames: [...page.matchAll(/(?:^|`)p?npm (?:run )?(?!exec|install)([a-z][\w:-]*)/gm)].map(
    ([, name = '']) => name,
  ),
})

describe.each(pages)('%s', (page) => {
  const blocks = existsSync(pathOf(page)) ? blocksOf(read(page)) : []
  const runnable = blocks.filter((block) => !block.directives.has('not run') && !isDrawing(block))
  const updated = new Map<Block, string>()
  let scratch: ScratchFolder | undefined

  if (runnable.length > 0) {
    beforeAll(() => {
      scratch = createScratchFolder()
    })
    afterAll(() => {
      scratch?.remove()
      if (updated.size > 0) writeFileSync(pathOf(page), withBlocks(read(page), updated))
    })
    test.each(runnable.map((block) => ({ block, line: block.from, first: block.text.split('\n')[0] })))(
      'line $line: $first',
      async ({ block }) => {
        if (scratch === undefined) throw new Error('no folder to run in')
        const text = await asRun(block, scratch)
        if (text === null || text === block.text) return
        if (updates) updated.set(block, text)
        else expect(block.text).toBe(text)
      },
    )
  }

  test('no shell takes a bracket of its commands for a pattern of file names', () => {
    // zsh, for one, refuses a pattern that no file matches.
    expect(read(page).match(/--set [^\s'"`]*\[.*/g)).toBeNull()
  })

  const examples = blocks.filter(({ language }) => language === 'ts')
  if (examples.length > 0) {
    test('its examples have the right types', () => {
      const sources = examples.map(({ text, from }) => [`line-${from}.ts`, `${text}\n`] as const)
      expect(typeErrorsIn(new Map(sources))).toBe('')
    })
  }

  test('its links lead somewhere', () => {
    const broken = linksOf(read(page)).filter(({ file, anchor }) => {
      const target = file === '' ? page : join(dirname(page), file)
      if (!existsSync(pathOf(target))) return true
      return anchor !== null && !anchorsOf(read(target)).includes(anchor)
    })
    expect(broken).toEqual([])
  })

  test('the files and scripts that it names are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }
    const { paths, scriptNames } = namedIn(read(page))
    expect(paths.filter((path) => !path.includes('NAME') && !existsSync(pathOf(path)))).toEqual([])
    expect(scriptNames.filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
  })
})

test('the README names every command, and leads to every page', () => {
  const scratch = createScratchFolder()
  const { stdout } = scratch.run('npx ecs-drain --help')
  scratch.remove()
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) (?:\[| {2})/gm)].map(([, name = '']) => name)
  const readme = read('README.md')
  expect(commands.length).toBeGreaterThanOrEqual(7)
  expect(commands.filter((name) => name !== 'help' && !readme.includes(`| \`${name}\` |`))).toEqual([])

  const linked = linksOf(readme).map(({ file }) => file)
  const reachable = pages.filter((page) => /^docs\/[^/]+\.md$/.test(page))
  expect(reachable.filter((page) => !linked.includes(page))).toEqual([])
})
