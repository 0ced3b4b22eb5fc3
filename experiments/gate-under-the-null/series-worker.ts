/** Judges simulated series in a worker thread. */
import { judgeSeries, type SeriesTask } from './series-judgement.ts'

export async function runTask(task: SeriesTask) {
  return await judgeSeries(task)
}
