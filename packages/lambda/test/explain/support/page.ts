import { readFileSync } from 'node:fs'

const page = readFileSync(new URL('../../../../../docs/explain.md', import.meta.url), 'utf8')

/** What docs/explain.md shows, each as it is printed from its first line to its last. */
export const outputsShown: ReadonlyArray<string> = [...page.matchAll(/^```console\n\$ .*\n([\s\S]*?)^```$/gm)].map(
  ([, output = '']) => output,
)
