/** What the editor and the command line need of runs; free of tensors. */
export { connectEngine, type ControlConnection } from './control-client.ts';
export { settleAfterExit } from './crash.ts';
export { RunDirectory } from './directory.ts';
export type { FollowedStream, FollowOptions, RunChange } from './follow.ts';
export { launchEngine, type EngineExit, type Launch, type LaunchedEngine } from './launch.ts';
export { findNode, thisNode, type NodeCommand, type NodeSearch } from './node.ts';
export { queueAgain, settle } from './settle.ts';
export { isActive, isFinal, isResumable } from './status.ts';
export { requestStop, stopNow, type StopOutcome } from './stop.ts';
export { RunStore, type ListedRun, type NewRun } from './store.ts';
