import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { UserError } from '../protocol/errors.ts';
import type { RunDirectory } from '../runs/directory.ts';
import { socketAddress } from '../runs/socket-address.ts';
import {
  readRequest,
  writeRequest,
  type ControlThreadData,
  type FromControlThread,
  type Request,
} from './control-messages.ts';

const TOKEN_BYTES = 24;
const START_MILLISECONDS = 10_000;

/** The control thread as the main thread holds it. */
export interface ControlThread {
  readonly socket: string;
  readonly token: string;
  /** Why there is no socket; null where there is one. */
  readonly trouble: string | null;
  /** What somebody asked for: by socket, file or signal. */
  readonly request: Request;
  ask(request: Request): void;
  end(): Promise<void>;
}

/** Starts heartbeat, stop file and socket. Never fails: without a socket a run can still be stopped through the file. */
export async function startControlThread(run: RunDirectory, workerPath: string): Promise<ControlThread> {
  const request = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  const { address, problem } = chooseAddress(run.path);
  const workerData: ControlThreadData = { run: run.id, directory: run.path, address, token, request };
  const worker = new Worker(workerPath, { workerData });
  // The engine ends when training ends, whatever this thread still waits for.
  worker.unref();
  const trouble = problem ?? (await started(worker));
  return {
    socket: address,
    token,
    trouble,
    get request() {
      return readRequest(request);
    },
    ask: (wanted) => void writeRequest(request, wanted),
    end: async () => {
      await worker.terminate();
      if (process.platform !== 'win32' && address !== '') rmSync(address, { force: true });
    },
  };
}

function chooseAddress(directory: string): { address: string; problem: string | null } {
  try {
    return { address: socketAddress(directory), problem: null };
  } catch (error) {
    const problem = error instanceof UserError ? error.problem.message : String(error);
    return { address: '', problem };
  }
}

/** Null once the thread listens, else what is in the way. */
function started(worker: Worker): Promise<string | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('the control thread does not answer'), START_MILLISECONDS);
    const settle = (trouble: string | null) => {
      clearTimeout(timer);
      resolve(trouble);
    };
    worker.on('message', (message: FromControlThread) => {
      settle(message.type === 'listening' ? null : message.message);
    });
    worker.on('error', (error) => settle(error instanceof Error ? error.message : String(error)));
  });
}
