// `pnpm mutants` is long; that every mutant can be put into today's core is short.
import { describe, expect, test } from 'vitest'
import { mutants } from '../../mutants/mutants.ts'
import { filesOf, mutated } from '../../mutants/mutated-core.ts'

describe('mutants', () => {
  test('are at least forty, each with a name of its own and a reason', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(40)
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
    for (const { name, why } of mutants) expect([name, why.length > 20]).toEqual([name, true])
  })

  test.each(mutants)('$name fits into core', (mutant) => {
    expect(filesOf(mutant).size).toBeGreaterThan(0)
  })

  test('whose text is there twice or not at all say so', () => {
    const edit = { file: 'x.ts', find: 'a', put: 'b' }
    expect(() => mutated('a a', [edit])).toThrow('x.ts: found 2 times: a')
    expect(() => mutated('', [edit])).toThrow('x.ts: found 0 times: a')
  })
})
