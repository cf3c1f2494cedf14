/** A fenced block of a page, and the `text` block right after it: what it prints. */
export interface Block {
  readonly language: string
  readonly text: string
  readonly output: string | null
  /** Its first line, for a test's title. */
  readonly first: string
}

/** The fenced blocks of a page in order; outputs are with the block they belong to. */
export const blocksOf = (page: string): ReadonlyArray<Block> => {
  const found = [...page.matchAll(/^```(\w+)\n([\s\S]*?)\n```$(\s*\n```text\n([\s\S]*?)\n```$)?/gm)]
  return found
    .map(([, language = '', text = '', , output]) => ({
      language,
      text,
      output: output ?? null,
      first: text.split('\n')[0] ?? '',
    }))
    .filter(({ language }) => language !== 'text')
}
