/** What the engine's main thread and its control thread tell each other, besides the shared request. */
export interface ControlThreadData {
  readonly run: string;
  readonly directory: string;
  readonly address: string;
  readonly token: string;
  /** One `Int32`: an index into `REQUESTS`. Shared memory reaches a main thread that a long step holds. */
  readonly request: SharedArrayBuffer;
}

export const REQUESTS = ['none', 'stop', 'pause'] as const;
export type Request = (typeof REQUESTS)[number];

export type FromControlThread =
  | { readonly type: 'listening' }
  /** The run goes on without a socket; it can be stopped through the file. */
  | { readonly type: 'socketFailed'; readonly message: string };

export function readRequest(memory: SharedArrayBuffer): Request {
  return REQUESTS[Atomics.load(new Int32Array(memory), 0)] ?? 'none';
}

/** A stop is final: nothing takes it back. Returns whether the request counts. */
export function writeRequest(memory: SharedArrayBuffer, request: Request): boolean {
  if (readRequest(memory) === 'stop') return request === 'stop';
  Atomics.store(new Int32Array(memory), 0, REQUESTS.indexOf(request));
  return true;
}
