/** A plan as the YAML that people go on writing in. */
import { Document, isScalar, visit } from 'yaml'
import type { Imported } from './imported-plan.ts'

export const scenarioText = ({ plan, notes }: Imported, command: string): string => {
  const document = new Document(plan)
  document.commentBefore = [`Made by: ${command}`, ...notes].map((line) => ` ${line}`).join('\n')
  // A range reads best on one line.
  visit(document, {
    Seq: (_, sequence) => {
      if (sequence.items.length > 0 && sequence.items.every((item) => isScalar(item))) sequence.flow = true
    },
  })
  return document.toString({ lineWidth: 110 })
}
