/**
 * Messages between the engine of a run and those who watch it (editor, command line): JSON-RPC over a local socket
 * whose address and token stand in `run.json`. The run directory stays the only truth; the socket only makes requests
 * arrive at once.
 */

/**
 * Both sides say theirs; a change that an old peer would misread raises it. Who finds an engine of another version reads its
 * run along and leaves it alone.
 */
export const CONTROL_VERSION = 2;

/** Everything a client may ask. `hello` comes first; a wrong token ends the connection. */
export interface ControlRequests {
  readonly hello: {
    readonly params: { readonly version: number; readonly token: string };
    readonly result: { readonly version: number; readonly run: string; readonly pid: number };
  };
  /** Finish the step, write a checkpoint, end. Answered at once; the end shows in `run.json`. */
  readonly stop: { readonly params: Record<string, never>; readonly result: { readonly accepted: boolean } };
  /** Finish the step, write a checkpoint, wait. A stop that was asked for stays. */
  readonly pause: { readonly params: Record<string, never>; readonly result: { readonly accepted: boolean } };
  /** Go on after a pause. False: a stop was asked for. */
  readonly resume: {
    readonly params: Record<string, never>;
    readonly result: { readonly accepted: boolean };
  };
  /** Answered by the control thread also while a long step holds the training thread. */
  readonly ping: {
    readonly params: Record<string, never>;
    readonly result: { readonly request: 'none' | 'stop' | 'pause' };
  };
}

export type ControlMethod = keyof ControlRequests;

/** Answers to requests that the engine does not accept. */
export const CONTROL_ERRORS = { notGreeted: -32001, wrongToken: -32002, wrongVersion: -32003 } as const;
