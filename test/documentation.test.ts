// Documentation is run: every example of the README, every printed output, every generated page. `UPDATE_DOCS=1` writes
// the outputs and pages anew instead of comparing them.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, inject, test } from 'vitest'
import { drawnPicture, parametersPage, scenariosPage } from './support/generated-pages.ts'
import { type Block, blocksOf } from './support/markdown.ts'
import { repositoryRoot } from './support/repository.ts'

const updates = process.env['UPDATE_DOCS'] === '1'
const pathOf = (name: string): string => join(repositoryRoot, name)
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...readdirSync(pathOf('docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

const command = (args: ReadonlyArray<string>): { readonly code: number | null; readonly stdout: string } => {
  if (!inject('built')) throw new Error('the build fails: see "pnpm build"')
  const result = spawnSync(process.execPath, [pathOf('packages/simulator/dist/main.js'), ...args], {
    encoding: 'utf8',
    cwd: mkdtempSync(join(tmpdir(), 'ecs-drain-docs-')),
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { code: result.status, stdout: result.stdout }
}

/** Runs an example as it stands; `./ports.ts` is the one in fixtures/readme. */
const outputOf = async (source: string): Promise<string> => {
  const folder = pathOf('test/fixtures/readme')
  const bundle = await build({
    stdin: { contents: source, resolveDir: folder, loader: 'ts', sourcefile: 'example.ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    conditions: ['@ecs-drain/source'],
    mainFields: ['module', 'main'],
    external: ['vega', 'vega-lite'],
    loader: { '.yaml': 'text' },
    plugins: [
      {
        // Scenarios are imported as text.
        name: 'raw',
        setup: (setup) => {
          setup.onResolve({ filter: /\?raw$/ }, ({ path, resolveDir }) => ({
            path: join(resolveDir, path.slice(0, -'?raw'.length)),
            namespace: 'raw',
          }))
          setup.onLoad({ filter: /.*/, namespace: 'raw' }, ({ path }) => ({
            contents: readFileSync(path, 'utf8'),
            loader: 'text',
          }))
        },
      },
    ],
    logLevel: 'silent',
  })
  const file = join(mkdtempSync(join(tmpdir(), 'ecs-drain-docs-')), 'example.mjs')
  writeFileSync(file, bundle.outputFiles[0]?.text ?? '')
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

/** The text that stands in the output: the whole of it, or for a long one the part that the page shows. */
const printedBy = async (block: Block): Promise<string> => {
  if (block.language === 'ts') return outputOf(block.text)
  const [, ...args] = block.text.trim().split(/\s+/).slice(1)
  const { stdout } = command(args)
  // The table and a sentence per controller; the witnesses after that are for whoever runs it.
  const [shown = ''] = stdout.slice(stdout.indexOf('┌')).split(/\n\n\S+ broke |\n\nTrace hash/)
  return shown
}

describe.each(pages)('%s', (page) => {
  const text = existsSync(pathOf(page)) ? readFileSync(pathOf(page), 'utf8') : ''
  const blocks = blocksOf(text)

  test.each(blocks.filter(({ output }) => output !== null))('$first prints what it says', async (block) => {
    const printed = (await printedBy(block)).trimEnd()
    if (updates) {
      const now = readFileSync(pathOf(page), 'utf8')
      writeFileSync(pathOf(page), now.replace(`\`\`\`text\n${block.output}\n\`\`\``, `\`\`\`text\n${printed}\n\`\`\``))
    } else expect(printed).toBe(block.output)
  })

  test.each(blocks.filter(({ language, output }) => language === 'sh' && output === null))(
    '$first is a command that exists',
    ({ text: shell }) => {
      for (const line of shell.trim().split('\n')) {
        const [program = '', ...rest] = (line.split('#')[0] ?? '').trim().split(/\s+/)
        if (program === 'npx') expect(command(rest.slice(1)).code).toBe(0)
        else {
          const { scripts } = JSON.parse(readFileSync(pathOf('package.json'), 'utf8')) as {
            scripts: Record<string, string>
          }
          expect(['npm', 'pnpm', 'node', '.ci/run']).toContain(program)
          if (program === 'npm' || program === 'pnpm')
            expect(Object.keys(scripts)).toContain((rest[0] === 'run' ? rest[1] : rest[0])?.split(':').join(':'))
        }
      }
    },
  )

  test.each(blocks.filter(({ language }) => language === 'yaml'))(
    '$first is a scenario that runs',
    ({ text: yaml }) => {
      const file = join(mkdtempSync(join(tmpdir(), 'ecs-drain-docs-')), 'scenario.yaml')
      writeFileSync(file, yaml)
      expect(command(['simulate', file, '--controller', 'ecs-drain', '--json']).code).toBe(0)
    },
  )

  test('links to files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '')
    expect(links.filter((link) => !existsSync(join(dirname(pathOf(page)), link)))).toEqual([])
  })
})

test('examples are typed as their readers will type them', () => {
  const folder = mkdtempSync(join(pathOf('test/fixtures/readme'), 'typed-'))
  try {
    const sources = pages.flatMap((page) =>
      existsSync(pathOf(page)) ? blocksOf(readFileSync(pathOf(page), 'utf8')) : [],
    )
    const examples = sources.filter(({ language }) => language === 'ts')
    expect(examples.length).toBeGreaterThan(3)
    examples.forEach(({ text }, index) => {
      writeFileSync(join(folder, `example-${index}.ts`), text.replace("'./ports.ts'", "'../ports.ts'"))
    })
    const config = {
      extends: '../../../../tsconfig.base.json',
      compilerOptions: { types: ['node'] },
      include: ['*.ts'],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const { status, stdout } = spawnSync('tsc', ['-p', folder], {
      encoding: 'utf8',
      shell: process.platform === 'win32',
    })
    expect([status, stdout]).toEqual([0, ''])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.each([
  ['docs/pictures/ami-update.svg', drawnPicture],
  ['docs/parameters.md', parametersPage],
  ['docs/scenarios.md', scenariosPage],
] as const)('%s is what the code says', async (name, render) => {
  const rendered = await render()
  if (updates) {
    mkdirSync(dirname(pathOf(name)), { recursive: true })
    writeFileSync(pathOf(name), rendered)
  } else expect(readFileSync(pathOf(name), 'utf8')).toBe(rendered)
})
