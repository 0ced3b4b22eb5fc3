/** Paths of artifacts: relative, `/` between the parts, and never out of the run's own directory. */
import { invalid } from './tracking-rules.ts'

const URI_SCHEME = 'mlflow-artifacts:/'
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const FORBIDDEN = /[\\\u0000-\u001f<>:"|?*]/
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/**
 * The parts of a relative artifact path, valid as file names on every operating system.
 *
 * @throws {TickerflowError} TRACKING_INVALID for an absolute path, `..`, an empty part, a drive
 * letter, a device name or a character that some file system refuses.
 */
export function artifactPathParts(path: string): readonly string[] {
  const parts = path.split('/')
  for (const part of parts) {
    const plain = part !== '' && !FORBIDDEN.test(part) && !/[. ]$/.test(part)
    if (!plain || WINDOWS_DEVICE.test(part)) {
      throw invalid(
        `The artifact path '${path}' is not a plain relative path; use names separated by '/', without '..', drive letters or characters such as \\ : * ?.`,
        { path },
      )
    }
  }
  return parts
}

/**
 * The parts below the store's artifact directory of a URI like `mlflow-artifacts:/1/<run>/artifacts`.
 *
 * @throws {TickerflowError} TRACKING_INVALID when the URI points anywhere else.
 */
export function artifactUriParts(uri: string): readonly string[] {
  if (!uri.startsWith(URI_SCHEME)) {
    throw invalid(`The artifacts of this run lie at ${uri}, outside this store; read them there.`)
  }
  return artifactPathParts(uri.slice(URI_SCHEME.length))
}

/** `mlflow-artifacts:/<experiment>`, the root of an experiment's artifacts. */
export function experimentArtifactUri(experimentId: string): string {
  return `${URI_SCHEME}${experimentId}`
}
