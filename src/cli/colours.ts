/** Colours for terminals only: what goes into a pipe or a file stays plain, in CI jobs too. */
import pc from 'picocolors'

export const colours = pc.createColors(pc.isColorSupported && process.stdout.isTTY === true)
