/** The steps of a deployment as data: what is printed is what runs. */
import type { DeployOptions, DeployTemplate } from './deploy-options.ts'

/** One command, with its arguments as they are passed: no shell reads them. */
export interface DeployStep {
  readonly title: string
  readonly command: string
  readonly args: ReadonlyArray<string>
}

/** Where the files are that are deployed. */
export interface DeployFiles {
  readonly templateFile: string
  readonly zipFile: string
  /** Of the zip, in hexadecimal. */
  readonly sha256: string
}

/** The file of each template in the folder `deploy`. */
export const templateNames: Readonly<Record<DeployTemplate, string>> = {
  full: 'template.yaml',
  attach: 'attach.yaml',
  smallest: 'smallest.yaml',
}

/** Parameters that the steps set themselves. */
export const ownParameters: ReadonlyArray<string> = ['CodeBucket', 'CodeKey']

/** Uploads the zip under its hash, so that new code is a new key, and makes or updates the stack. */
export const deploySteps = (options: DeployOptions, files: DeployFiles): ReadonlyArray<DeployStep> => {
  const { stack, bucket, region } = options
  const key = `ecs-drain/${files.sha256}.zip`
  const inRegion = region === null ? [] : ['--region', region]
  const parameters = [['CodeBucket', bucket], ['CodeKey', key], ...options.parameters].map(
    ([name, value]) => `${name}=${value}`,
  )
  return [
    {
      title: 'upload it',
      command: 'aws',
      args: ['s3', 'cp', files.zipFile, `s3://${bucket}/${key}`, ...inRegion],
    },
    {
      title: 'make the stack, or update it',
      command: 'aws',
      args: [
        'cloudformation',
        'deploy',
        '--stack-name',
        stack,
        '--template-file',
        files.templateFile,
        '--s3-bucket',
        bucket,
        '--s3-prefix',
        'ecs-drain',
        '--capabilities',
        'CAPABILITY_IAM',
        '--no-fail-on-empty-changeset',
        ...inRegion,
        '--parameter-overrides',
        ...parameters,
      ],
    },
    {
      title: 'see what is there',
      command: 'aws',
      args: ['cloudformation', 'describe-stacks', '--stack-name', stack, '--query', 'Stacks[0].Outputs', ...inRegion],
    },
  ]
}

const columnsMost = 100

/** The steps as a shell reads them, each with its title as a comment; options and parameters of a long one on lines of their own. */
export const printedSteps = (steps: ReadonlyArray<DeployStep>): string =>
  steps
    .map(({ title, command, args }, index) => {
      const words = [command, ...args].map(shellWord)
      const whole = words.join(' ')
      const shown = whole.length > columnsMost ? words.map(onLineOfItsOwn).join('').trimStart() : whole
      return `# ${index + 1}. ${title}\n${shown}\n`
    })
    .join('\n')

const onLineOfItsOwn = (word: string): string => (/^(--|'?[A-Za-z]\w*=)/.test(word) ? ` \\\n  ${word}` : ` ${word}`)

/** Quoted where a POSIX shell would read more into it than there is. */
const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
