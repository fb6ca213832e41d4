import { spawn } from 'node:child_process';
import { isServed } from './queue-worker.ts';
import type { RunQueue } from './queue.ts';

export interface WorkerProgram {
  /** Node, and what it needs in its environment. */
  readonly node: { readonly path: string; readonly environment: Readonly<Record<string, string>> };
  /** `kd.cjs` */
  readonly kd: string;
  /** `engine.cjs` that the runs are started with. */
  readonly engine: string;
}

/** Starts a worker for a queue that has something to do and none, a process of its own that outlives this one. */
export async function startWorker(queue: RunQueue, program: WorkerProgram): Promise<boolean> {
  const { order, started } = queue.state;
  if (order.length + started.length === 0 || isServed(queue)) return false;
  const parameters = [program.kd, 'queue', 'work', queue.store.root, '--engine', program.engine];
  const child = spawn(program.node.path, parameters, {
    cwd: queue.store.root,
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
    env: { ...process.env, ...program.node.environment },
  });
  await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', resolve);
  });
  child.unref();
  return true;
}
