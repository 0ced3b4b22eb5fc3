/** Tells the program the exit code of a command that has more than one way to end well. */
export type End = (exitCode: number) => void
