/** The fenced blocks of a page, and its links. */

/** What a comment right above a block says of it. */
export type Directive =
  /** `<!-- printed by: COMMAND -->`: the block is what the command prints. */
  | 'printed by'
  /** `<!-- file: NAME -->`: the block is a file that later commands of the page find. */
  | 'file'
  /** `<!-- goes on: TEXT -->`: the command goes on until the page ends; the block is what it has printed when TEXT is in it. */
  | 'goes on'
  /** `<!-- not run: WHY -->`: the block is neither run nor compared. */
  | 'not run'

export interface Block {
  readonly language: string
  readonly text: string
  readonly directives: ReadonlyMap<string, string>
  /** Of its first line of text, counted from 0. */
  readonly from: number
  /** Of the closing fence. */
  readonly to: number
}

const comment = /^<!-- ([a-z ]+): (.*) -->$/

/** The blocks of a page, in order. */
export const blocksOf = (page: string): ReadonlyArray<Block> => {
  const lines = page.split('\n')
  const blocks: Array<Block> = []
  for (let index = 0; index < lines.length; index += 1) {
    const [, fence, language] = /^(```+)(\w*)/.exec(lines[index] ?? '') ?? []
    if (fence === undefined) continue
    const to = lines.indexOf(fence, index + 1)
    if (to < 0) throw new Error(`line ${index + 1}: a block that does not end`)
    const text = lines.slice(index + 1, to).join('\n')
    blocks.push({ language: language ?? '', text, directives: directivesAbove(lines, index), from: index + 1, to })
    index = to
  }
  return blocks
}

/** Comments may stand one above the other, with an empty line before the block. */
const directivesAbove = (lines: ReadonlyArray<string>, fence: number): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (let index = fence - 1; index >= 0; index -= 1) {
    const line = lines[index] ?? ''
    const [, name, value] = comment.exec(line) ?? []
    if (name !== undefined && value !== undefined) found.set(name, value)
    else if (line !== '') break
  }
  return found
}

/** The page with other text in some of its blocks. */
export const withBlocks = (page: string, texts: ReadonlyMap<Block, string>): string => {
  const lines = page.split('\n')
  for (const [{ from, to }, text] of [...texts].toSorted(([a], [b]) => b.from - a.from)) {
    lines.splice(from, to - from, ...text.split('\n'))
  }
  return lines.join('\n')
}

/** Where a page's links lead, those to other sites left out. */
export const linksOf = (page: string): ReadonlyArray<{ readonly file: string; readonly anchor: string | null }> =>
  [...withoutBlocks(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', anchor] = target.split('#')
      return { file, anchor: anchor ?? null }
    })

/** The anchors that a page's headings give. */
export const anchorsOf = (page: string): ReadonlyArray<string> =>
  [...withoutBlocks(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  )

const withoutBlocks = (page: string): string => page.replace(/^(```+)[\s\S]*?^\1$/gm, '')
