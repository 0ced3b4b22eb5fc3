/** Artifacts in a directory of this machine, or of a disk that it shares: `file:` roots. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { artifactPathParts } from '../../artifact-path.ts'
import {
  listArtifactFiles,
  openArtifactFile,
  writeArtifactFile,
} from '../../store/artifact-directory.ts'
import type { ArtifactRepository } from './artifact-repository.ts'

export function fileArtifacts(root: string): ArtifactRepository {
  const directory = root.startsWith('file:') ? fileURLToPath(root) : root
  const placesFor = (parts: readonly string[]) => ({
    artifactsDirectory: directory,
    /** Beside the target, which may be a disk of its own. */
    tmpDirectory: dirname(join(directory, ...parts)),
  })
  return {
    async list(path) {
      const parts = path === undefined ? [] : artifactPathParts(path)
      const entries = await listArtifactFiles(placesFor(parts), [], parts)
      return entries.filter((entry) => !entry.path.endsWith('.tmp'))
    },
    async open(path) {
      const parts = artifactPathParts(path)
      return (await openArtifactFile(placesFor(parts), parts)).stream
    },
    async write(path, content) {
      const parts = artifactPathParts(path)
      const bytes = content instanceof Blob ? content.stream() : content
      await writeArtifactFile(placesFor(parts), parts, bytes)
    },
  }
}
