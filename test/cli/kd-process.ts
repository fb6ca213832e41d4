import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunQueue, RunStore } from '../../src/runs/index.ts';
import { lockHolder } from '../../src/runs/lock.ts';
import { writeTinyData } from '../process/tiny-data.ts';
import { killTree } from '../../src/runs/terminate.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with an experiment in it, and `kd` to be called there. The engine behind it is the stand-in. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'kd-cli-'));
  readonly store = new RunStore(this.folder);
  readonly #kd: string;

  constructor(bundles: string) {
    this.#kd = join(bundles, 'kd.cjs');
    mkdirSync(join(this.folder, '.kd'));
    writeTinyData(join(this.folder, 'data'));
    writeFileSync(join(this.folder, 'good.kd.yaml'), GOOD_CONFIG);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Starts `kd`; `ended` tells how it went. */
  start(args: readonly string[], settings: object = {}): { child: ChildProcess; ended: Promise<Ended> } {
    const child = spawn(process.execPath, [this.#kd, ...args], {
      cwd: this.folder,
      env: { ...process.env, KD_STAND_IN: JSON.stringify(settings) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
    return { child, ended };
  }

  kd(args: readonly string[], settings: object = {}): Promise<Ended> {
    return this.start(args, settings).ended;
  }

  async dispose(): Promise<void> {
    await endWorker(new RunQueue(this.store));
    for (const { record } of this.store.list())
      if (record.process !== undefined) await killTree(record.process);
    // A worker that finds another at work, or nothing to do, ends by itself, and may write until then.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Ends the process that serves a queue, as a crash does, and returns when it is gone. */
export async function endWorker(queue: RunQueue): Promise<void> {
  const worker = lockHolder(queue.folder);
  if (worker !== null) await killTree(worker);
}

/** The JSON values of an output, one a line; throws where anything else stands between them. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const GOOD_CONFIG = `name: Good
data:
  format: idx
  train: { inputs: data/train-images, labels: data/train-labels }
  test: { inputs: data/test-images, labels: data/test-labels }
models:
  teacher: { architecture: { mlp: { hidden: [16] } }, train: { epochs: 1 } }
  student: { architecture: { mlp: { hidden: [8] } } }
distill:
  match:
    - kd: { temperature: 4 }
train: { epochs: 1, batchSize: 10 }
compare: { seeds: [1, 2, 3] }
`;
