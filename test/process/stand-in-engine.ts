/**
 * An engine whose work is a small deterministic recurrence instead of training: it has phases, records, checkpoints and
 * saved models as a real run, in milliseconds. `KD_STAND_IN` holds its settings.
 */
import './faults.ts';
import { dirname, join } from 'node:path';
import { UserError } from '../../src/protocol/errors.ts';
import { complain } from '../../src/engine/failure.ts';
import { live, Terminated, type WorkContext } from '../../src/engine/life.ts';
import type { BestWeights, StoredTensor } from '../../src/runs/writer.ts';

interface Settings {
  readonly steps: number;
  readonly checkpointEvery: number;
  readonly stepMilliseconds: number;
  readonly values: number;
  readonly fault: 'none' | 'early' | 'defect' | 'escape' | 'exit' | 'hang' | 'memory';
}

const settings: Settings = {
  ...{ steps: 40, checkpointEvery: 5, stepMilliseconds: 2, values: 16, fault: 'none' },
  ...(JSON.parse(process.env['KD_STAND_IN'] ?? '{}') as Partial<Settings>),
};
const ENVIRONMENT = {
  ...{
    product: '0',
    node: process.versions.node,
    platform: 'test',
    cpu: 'test',
    cores: 1,
    memoryGigabytes: 1,
  },
  ...{ executor: 'stand-in', refused: [], packages: {} },
};
const PHASES = ['teacher', 'student'] as const;
/** Steps of an epoch. */
const EPOCH = 10;

async function work(context: WorkContext): Promise<'completed' | 'stopped'> {
  const { run, file, writer, resume, control } = context;
  writer.log(`stand-in for ${run.id}`);
  if (settings.fault === 'early')
    throw new UserError({ code: 'KD3001', message: 'no data', help: 'find it' });
  file.update({ environment: ENVIRONMENT });
  let job = resume?.meta.job ?? 0;
  let step = resume?.meta.step ?? 0;
  let state = (resume?.tensors['state']?.data as Float32Array | undefined) ?? initial();
  let best: Readonly<Record<string, BestWeights>> = resume?.best ?? {};
  const tensors = (): Record<string, StoredTensor> => ({ state: { shape: [state.length], data: state } });
  const checkpoint = () => {
    const phase = PHASES[job] ?? 'end';
    const place = { phase, seed: 1, job, epoch: Math.floor(step / EPOCH), stepInEpoch: step % EPOCH, step };
    writer.checkpoint({
      meta: { ...place, seq: writer.nextSeq, loop: null },
      tensors: tensors(),
      best,
    });
  };
  for (; job < PHASES.length; job += 1, step = 0, best = {}) {
    const phase = PHASES[job] ?? 'end';
    while (step < settings.steps) {
      const { request } = control;
      if (request !== 'none') {
        checkpoint();
        if (request === 'stop') return 'stopped';
        await control.untilResumed();
        continue;
      }
      state = next(state);
      step += 1;
      const epoch = Math.floor((step - 1) / EPOCH);
      writer.metrics({ phase, seed: 1, epoch, step, split: 'train', values: { loss: state[0] ?? 0 } });
      if (step % EPOCH === 0) {
        best = better(best, `${phase}-1`, epoch, state);
        const same = { teacherAccuracy: 0.9, studentAccuracy: 0.8, perClass: [] };
        writer.gap({ phase, seed: 1, epoch, kl: state[1] ?? 0, agreement: 0.5, ...same });
      }
      writer.progress({
        phase,
        seed: 1,
        epoch,
        epochs: 4,
        step,
        done: step / settings.steps,
        secondsLeft: 1,
      });
      if (step === settings.steps / 2) fail(settings.fault);
      if (step % settings.checkpointEvery === 0 && step < settings.steps) checkpoint();
      await new Promise((resolve) => setTimeout(resolve, settings.stepMilliseconds));
    }
    writer.saveModel(`${phase}-1`, best['own']?.tensors ?? tensors());
    writer.event({ kind: 'phase', message: `${phase} is trained`, phase });
  }
  writer.results({ phases: [], verdict: null });
  return 'completed';
}

/** The state with the largest first number so far. */
function better(
  best: Readonly<Record<string, BestWeights>>,
  model: string,
  epoch: number,
  state: Float32Array,
): Readonly<Record<string, BestWeights>> {
  const score = state[0] ?? 0;
  if (score <= Number(best['own']?.score ?? -1)) return best;
  const tensors = { state: { shape: [state.length], data: state } };
  return { own: { model, epoch, score, values: { accuracy: score }, tensors } };
}

function initial(): Float32Array {
  return Float32Array.from({ length: settings.values }, (_, i) => Math.fround((i + 1) / settings.values));
}

/** The logistic map at the edge of chaos: a wrong bit anywhere shows in everything after it. */
function next(state: Float32Array): Float32Array {
  return state.map((x) => 3.999 * x * (1 - x) + 1e-7);
}

function fail(fault: Settings['fault']): void {
  switch (fault) {
    case 'none':
    case 'early':
      return;
    case 'defect':
      throw new TypeError('state is not iterable');
    case 'escape':
      setTimeout(() => {
        throw new Error('thrown in a callback');
      });
      return;
    case 'exit':
      process.exit(77);
    case 'memory':
      process.stderr.write(
        'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n',
      );
      process.kill(process.pid, 'SIGABRT');
      return;
    case 'hang':
      // A step of the runtime that never returns: no JavaScript runs in this thread any more.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
}

const [script = '', , directory = ''] = process.argv.slice(1);
live(directory, join(dirname(script), 'engine-worker.cjs'), work).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof Terminated) process.exit(3);
    process.exitCode = complain(error);
  },
);
