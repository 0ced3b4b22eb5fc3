/** What the threads of one training are given, and what the leader tells. */
import type { ErrorCode } from '../errors.ts'
import type { RandomState } from '../numerics/random.ts'
import type { TrainingCheckpoint } from './checkpoint.ts'
import type { DropoutStream } from './dropout.ts'
import type { LstmEngine } from './engine.ts'
import { engineNamed } from './engines.ts'
import type { SharedTraining } from './parallel-memory.ts'
import type { EpochEvent, TrainingRequest } from './training-request.ts'
import type { TrainedLstm } from './training-result.ts'

/** A request as plain data: arrays in shared memory, no functions. */
export type PlainRequest = Omit<
  TrainingRequest,
  'random' | 'engine' | 'signal' | 'onEvent' | 'onCheckpoint'
>

/** How a thread makes the engine: by name, or by a module that exports `createEngine`. */
export interface EngineSource {
  readonly name: string
  readonly module?: string
}

export type ThreadTask =
  | {
      readonly role: 'leader'
      readonly request: PlainRequest
      readonly random: RandomState
      readonly engine: EngineSource
      readonly shared: SharedTraining
    }
  | {
      readonly role: 'helper'
      readonly request: PlainRequest
      readonly random: RandomState
      readonly engine: EngineSource
      readonly shared: SharedTraining
      readonly dropout: DropoutStream | undefined
    }

/** Errors lose their class on the way between threads, so operational ones travel as data. */
export interface LeaderFailure {
  readonly code: ErrorCode
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
}

export type LeaderMessage =
  | { readonly event: EpochEvent }
  | { readonly checkpoint: TrainingCheckpoint }
  | { readonly trained: TrainedLstm }
  | { readonly failure: LeaderFailure }

/** The engine that a thread was told to use. */
export async function engineFrom({ name, module }: EngineSource): Promise<LstmEngine> {
  if (module === undefined) return engineNamed(name)
  const { createEngine } = (await import(module)) as { createEngine: () => LstmEngine }
  return createEngine()
}
