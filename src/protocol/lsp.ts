import type { Range } from './errors.ts';

/**
 * What the editor and the language server say to each other beyond the Language Server Protocol. Both come from one
 * package; the version in the handshake tells a stale server that survived an update.
 */
export const SERVER_PROTOCOL_VERSION = 1;

/** `initializationOptions` of the client. */
export interface ServerOptions {
  readonly protocolVersion: number;
}

/** Request: check one config now, files on disk included. Result: `CheckResult`. */
export const CHECK_REQUEST = 'kd/check';
export interface CheckParameters {
  readonly uri: string;
}
export interface CheckResult {
  readonly errors: number;
  readonly warnings: number;
  /** The first error, else the first warning. */
  readonly first: { readonly line: number; readonly character: number; readonly message: string } | null;
}

/** Notification to the server: files outside the editor may have changed, check the open configs again. */
export const RECHECK_NOTIFICATION = 'kd/recheck';

/** Notification to the server: a run was started, moved on or ended; results shown in the text are old. */
export const RUNS_CHANGED_NOTIFICATION = 'kd/runsChanged';

/** Request: the config as it would run, every default and expansion written out. Result: `EffectiveResult`. */
export const EFFECTIVE_REQUEST = 'kd/effective';
export interface EffectiveResult {
  /** Null where there are errors. */
  readonly text: string | null;
  readonly errors: number;
}

/** Request: the edits that add the best-matching pair of layers. Result: `SuggestedPair`, or null where none is left. */
export const SUGGEST_PAIR_REQUEST = 'kd/suggestPair';
export interface SuggestedPair {
  readonly title: string;
  readonly edits: readonly { readonly range: Range; readonly newText: string }[];
}

/** The commands that code lenses call, each with the config's URI as its only argument; `trainTeacher` with a model too. */
export const LENS_COMMANDS = {
  run: 'kd.run',
  queue: 'kd.queue',
  dryRun: 'kd.dryRun',
  check: 'kd.check',
  panel: 'kd.openPanel',
  effective: 'kd.showEffective',
  trainTeacher: 'kd.trainTeacher',
  suggestPair: 'kd.suggestPair',
} as const;

/** What `kd.trainTeacher` is called with. */
export interface TrainTeacherArgument {
  readonly uri: string;
  readonly model: string;
}

/** Kind of the code action that applies every unambiguous fix of a file. */
export const FIX_ALL_KIND = 'source.fixAll.kd';
