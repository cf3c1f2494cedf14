// Reads a source file for the rules: what it imports and which names of the platform it uses.
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { repositoryRoot, typeScriptFilesBelow } from './repository.ts'

/** An import, a re-export, a dynamic import or an `import('x').T` in a type. */
export interface Import {
  readonly specifier: string
  readonly line: number
  /** Nothing of it is left when types are erased. */
  readonly typeOnly: boolean
  /** `export * from`. */
  readonly wholesale: boolean
}

/** Use of a name: `Date.now`, `new Date`, `setTimeout`, `async`, `**`. Names are as written in the source. */
export interface Use {
  readonly name: string
  readonly line: number
}

/** A source file, its path relative to the repository's root. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly imports: ReadonlyArray<Import>
  readonly uses: ReadonlyArray<Use>
}

/** All sources of a package, tests beside them left out. */
export const sourcesOf = (packageFolder: string): ReadonlyArray<SourceFile> =>
  typeScriptFilesBelow(`packages/${packageFolder}/src`)
    .filter((path) => !path.endsWith('.test.ts'))
    .map(readSourceFile)

/** Reads and parses one file. */
export const readSourceFile = (path: string): SourceFile =>
  parseSourceFile(path, readFileSync(join(repositoryRoot, path), 'utf8'))

/** Parses one file's text. */
export const parseSourceFile = (path: string, text: string): SourceFile => {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const imports: Array<Import> = []
  const uses: Array<Use> = []
  const visit = (node: ts.Node): void => {
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
    const found = importIn(node)
    if (found !== undefined) imports.push({ ...found, line })
    const used = useIn(node)
    if (used !== undefined) uses.push({ name: used, line })
    ts.forEachChild(node, visit)
  }
  visit(file)
  return { path, text, imports, uses }
}

const importIn = (node: ts.Node): Omit<Import, 'line'> | undefined => {
  if (ts.isImportDeclaration(node)) return imported(node.moduleSpecifier, isTypeOnlyClause(node.importClause), false)
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    const named =
      node.exportClause !== undefined && ts.isNamedExports(node.exportClause) ? node.exportClause : undefined
    const typeOnly = node.isTypeOnly || (named?.elements.every((element) => element.isTypeOnly) ?? false)
    return imported(node.moduleSpecifier, typeOnly, named === undefined)
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return imported(node.arguments[0], false, false)
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return imported(node.argument.literal, true, false)
  return undefined
}

const imported = (
  specifier: ts.Node | undefined,
  typeOnly: boolean,
  wholesale: boolean,
): Omit<Import, 'line'> | undefined =>
  specifier !== undefined && ts.isStringLiteral(specifier)
    ? { specifier: specifier.text, typeOnly, wholesale }
    : undefined

const isTypeOnlyClause = (clause: ts.ImportClause | undefined): boolean => {
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = clause.namedBindings
  if (clause.name !== undefined || bindings === undefined || !ts.isNamedImports(bindings)) return false
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly)
}

const useIn = (node: ts.Node): string | undefined => {
  if (ts.isPropertyAccessExpression(node)) {
    return ts.isIdentifier(node.expression) ? `${node.expression.text}.${node.name.text}` : `.${node.name.text}`
  }
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) {
    return `new ${node.expression.text}${node.arguments?.length ? '(..)' : '()'}`
  }
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return 'async'
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.AsteriskAsteriskToken) return '**'
  if (ts.isIdentifier(node) && isReference(node)) return node.text
  return undefined
}

/** Whether the identifier stands for a value of that name, rather than naming a property, a parameter or a type. */
const isReference = (node: ts.Identifier): boolean => {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent)) return parent.initializer === node
  return ts.isExpression(parent) || ts.isStatement(parent) || ts.isShorthandPropertyAssignment(parent)
}

/** The file a relative import means, or undefined for a package. */
export const targetOf = (from: string, specifier: string): string | undefined =>
  specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : undefined

/** Every file that the entries reach by relative imports, themselves included; type imports count. */
export const reachableFrom = (
  entries: ReadonlyArray<string>,
  sources: ReadonlyArray<SourceFile>,
): ReadonlySet<string> => {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const reached = new Set<string>()
  const waiting = [...entries]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue
    reached.add(path)
    for (const { specifier } of byPath.get(path)?.imports ?? []) {
      const target = targetOf(path, specifier)
      if (target !== undefined) waiting.push(target)
    }
  }
  return reached
}

/** Entries of a package that exist by now. */
export const entriesOf = (packageFolder: string, names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.map((name) => `packages/${packageFolder}/src/${name}`).filter((path) => existsSync(join(repositoryRoot, path)))
