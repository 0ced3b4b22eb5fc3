/** Types of the operations under 'inference'; `npm run generate:client` writes them. */

export interface InferenceOperations {
  /** Name and version of the server. */
  getServerMetadata: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: { name: string; version: string; extensions: string[] }
  }
  /** Whether the server is live. */
  isServerLive: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: { live: boolean; ready: boolean }
  }
  /** Whether the server is ready. */
  isServerReady: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: { live: boolean; ready: boolean }
  }
  /** Models in memory. */
  getRepositoryIndex: {
    path: Record<never, never>
    query: Record<never, never>
    body: { ready?: boolean } | null
    answer: { name: string; version: string; state: string; reason: string }[]
  }
  /** Bring the live version of a model to memory. */
  loadModel: {
    path: { model: string }
    query: Record<never, never>
    body: object | null
    answer: object
  }
  /** Free the memory of a model until it is asked for again. */
  unloadModel: {
    path: { model: string }
    query: Record<never, never>
    body: object | null
    answer: object
  }
  /** Inputs and outputs of a model. */
  getModelMetadata: {
    path: { model: string }
    query: Record<never, never>
    body: undefined
    answer: {
      name: string
      versions: string[]
      platform: string
      inputs: { name: string; datatype: string; shape: number[] }[]
      outputs: { name: string; datatype: string; shape: number[] }[]
      properties: { columns: string }
    }
  }
  /** Whether a model can answer. */
  isModelReady: {
    path: { model: string }
    query: Record<never, never>
    body: undefined
    answer: { name: string; ready: boolean }
  }
  /** Distributions from the columns of the model. */
  infer: {
    path: { model: string }
    query: Record<never, never>
    body: {
      id?: string
      parameters?: Record<string, unknown>
      inputs: {
        name: string
        shape: number[]
        datatype: string
        parameters?: Record<string, unknown>
        data: unknown[]
      }[]
      outputs?: { name: string; parameters?: Record<string, unknown> }[]
    }
    answer: {
      model_name: string
      model_version: string
      id?: string
      outputs: { name: string; shape: number[]; datatype: string; data: number[] }[]
    }
  }
  /** Inputs and outputs of a model. */
  getModelMetadataVersion: {
    path: { model: string; version: string }
    query: Record<never, never>
    body: undefined
    answer: {
      name: string
      versions: string[]
      platform: string
      inputs: { name: string; datatype: string; shape: number[] }[]
      outputs: { name: string; datatype: string; shape: number[] }[]
      properties: { columns: string }
    }
  }
  /** Whether a model can answer. */
  isModelReadyVersion: {
    path: { model: string; version: string }
    query: Record<never, never>
    body: undefined
    answer: { name: string; ready: boolean }
  }
  /** Distributions from the columns of the model. */
  inferVersion: {
    path: { model: string; version: string }
    query: Record<never, never>
    body: {
      id?: string
      parameters?: Record<string, unknown>
      inputs: {
        name: string
        shape: number[]
        datatype: string
        parameters?: Record<string, unknown>
        data: unknown[]
      }[]
      outputs?: { name: string; parameters?: Record<string, unknown> }[]
    }
    answer: {
      model_name: string
      model_version: string
      id?: string
      outputs: { name: string; shape: number[]; datatype: string; data: number[] }[]
    }
  }
}
