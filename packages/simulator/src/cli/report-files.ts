/** `--report FILE`: one file, or one for each variant. */
import { extname } from 'node:path'
import { renderReport } from '../report/report.ts'
import type { Scenario } from '../scenario/read-scenario.ts'
import type { Result } from './result.ts'

export interface ReportFile {
  readonly file: string
  readonly variant: string | null
  readonly render: () => Promise<string>
}

/**
 * The default variant has the file's own name; another's is put before the extension: `report-omitted.html`. `commandOf`: what to
 * type to see a variant again.
 */
export const reportFiles = (
  file: string,
  { name }: Pick<Scenario, 'name'>,
  result: Result,
  commandOf: (variant: string | null) => string,
): ReadonlyArray<ReportFile> =>
  result.map(({ variant, runs }, index) => ({
    file: fileOf(file, variant.name, index),
    variant: variant.name,
    render: () =>
      renderReport({
        scenario: variant.name === null ? name : `${name} (${variant.name})`,
        plan: variant.plan,
        runs,
        reproduce: commandOf(variant.name),
      }),
  }))

/** The names of all files that `reportFiles` would give, before anything has run. */
export const reportFileNames = (file: string, variants: Scenario['variants']): ReadonlyArray<string> =>
  variants.map(({ name }, index) => fileOf(file, name, index))

const fileOf = (file: string, variant: string | null, index: number): string => {
  if (index === 0 || variant === null) return file
  const extension = extname(file)
  return `${file.slice(0, file.length - extension.length)}-${variant}${extension}`
}
