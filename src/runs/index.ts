/** What the editor and the command line need of runs; free of tensors. */
export { requestPause, requestResume, requestStop, stopNow, stopWithin } from './control.ts';
export { connectEngine } from './control-client.ts';
export { metricsCsv } from './csv.ts';
export { settleAfterExit } from './crash.ts';
export { RunDirectory } from './directory.ts';
export type { RunChange } from './follow.ts';
export { changeLabels, labelsOf, labelsOfAsync } from './labels.ts';
export { launchEngine, type LaunchedEngine } from './launch.ts';
export { writeMeeting } from './layers.ts';
export { elsewhereText, runsElsewhere } from './machine.ts';
export { findNode, thisNode } from './node.ts';
export { RunQueue, requireFreeDevice } from './queue.ts';
export { startWorker } from './queue-start.ts';
export { serveQueue } from './queue-worker.ts';
export { queueAgain, settle } from './settle.ts';
export { isActive, isFinal, isResumable } from './status.ts';
export { RunStore, type ListedRun, type NewRun } from './store.ts';
