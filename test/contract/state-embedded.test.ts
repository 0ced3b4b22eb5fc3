/** The contract of the state, by the file of the store. */
import { stateContract } from './state/all.contract.ts'
import { openEmbeddedState } from './state/test-state.ts'

stateContract(openEmbeddedState)
