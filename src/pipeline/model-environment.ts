/** The Python packages that a model folder needs, as the three files that MLflow's tools read. */

/** Lower bounds: what the folder was tried with first; newer ones are meant to work. */
const REQUIREMENTS = [
  'mlflow>=3.0',
  'numpy>=1.26',
  'onnx>=1.17',
  'onnxruntime>=1.20',
  'pandas>=2.2',
] as const

/** For tools that make an environment of their own; loading into an existing one asks for none. */
export const PYTHON_VERSION = '3.12'

export const ENVIRONMENT_FILES = {
  conda: 'conda.yaml',
  virtualenv: 'python_env.yaml',
  requirements: 'requirements.txt',
} as const

/** Contents by file name. */
export function environmentFiles(): ReadonlyMap<string, string> {
  const { conda, virtualenv, requirements } = ENVIRONMENT_FILES
  return new Map([
    [requirements, `${REQUIREMENTS.join('\n')}\n`],
    [virtualenv, pythonEnvironment(requirements)],
    [conda, condaEnvironment()],
  ])
}

function pythonEnvironment(requirements: string): string {
  return [
    `python: "${PYTHON_VERSION}"`,
    'build_dependencies:',
    '- pip',
    'dependencies:',
    `- -r ${requirements}`,
    '',
  ].join('\n')
}

function condaEnvironment(): string {
  return [
    'name: mlflow-env',
    'channels:',
    '- conda-forge',
    'dependencies:',
    `- python=${PYTHON_VERSION}`,
    '- pip',
    '- pip:',
    ...REQUIREMENTS.map((requirement) => `  - ${requirement}`),
    '',
  ].join('\n')
}
