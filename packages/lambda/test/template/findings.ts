/** What AWS's own validator says of a template, offline. Its engine takes seconds to start, so there is one. */
import { CelEngine, type Engine, TemplateFile } from '@aws/cloudformation-validate'

/** One finding of at least a warning. */
export interface Finding {
  readonly severity: string
  /** `F3002 Inbox.Properties.Name: text`. */
  readonly text: string
}

let engine: Engine | undefined

/** FATAL, ERROR and WARN; the rest are remarks such as "supports tags". */
export const findingsIn = (file: string): ReadonlyArray<Finding> => {
  engine ??= new CelEngine()
  const { diagnostics } = engine.validateStandard(new TemplateFile(file))
  return diagnostics
    .filter(({ severity }) => !['INFO', 'DEBUG'].includes(severity))
    .map(({ severity, ruleId, entity, propertyPath, message }) => ({
      severity,
      text: `${ruleId} ${entity?.logicalId ?? ''} ${propertyPath ?? ''}: ${message}`,
    }))
}

/** Gives the engine's memory back. */
export const freeEngine = (): void => {
  engine?.free()
  engine = undefined
}
