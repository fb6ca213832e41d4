import { parseArgs } from 'node:util';
import { Bookshelf } from '../../src/bookshelf/shelf.ts';
import { keepYoungSpaceSmall } from '../../src/engine/heap.ts';
import { PhaseProgram } from '../../src/training/phase-program.ts';
import { planPhase } from '../../src/training/plan.ts';
import { scalarsAt } from '../../src/training/step-feeds.ts';
import { leavePhase, readyPhase, setupOf, trainEpochs, wholeBook } from './epochs.ts';
import { executorNamed } from './executors.ts';
import { experimentOf, networkOf, phaseOf, sizesOf } from './experiment.ts';
import { readWorkload, weightsOf } from './workload-file.ts';

/** Numbers that are printed to prove equal work: first losses, or logits of the first sample. */
const PROOFS = 8;

/** Milliseconds since the process was started, by whoever started it. */
const started = Number(process.env['KD_BENCH_STARTED'] ?? performance.timeOrigin / 1000);
const sinceStart = () => Date.now() / 1000 - started;

/**
 * Does the work of a folder that `workload.ts` wrote with the product's own parts, and prints one line of JSON: milliseconds
 * of each measured step, epoch or answer, the proof of equal work, the largest resident memory, and the seconds from the start
 * of the process to the end of its first step.
 */
// As the engine does.
keepYoungSpaceSmall();
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    executor: { type: 'string', default: 'onnx' },
    /** Other programs keep the processor busy. */
    busy: { type: 'boolean', default: false },
  },
});
const folder = positionals[0] ?? '';
const { workload, tensors } = readWorkload(folder);
const executor = await executorNamed(options.executor, options.busy);

const milliseconds: number[] = [];
const proof: number[] = [];
let firstStepSeconds = 0;
/** The one batch that `state.safetensors` holds where the work is not an epoch. */
const held = {
  images: tensors['images']?.data as Float32Array,
  labels: tensors['labels']?.data as Int32Array,
};
const WORK = { step: steps, inference, epoch: epochs };
await WORK[workload.kind]();
const residentMegabytes = process.resourceUsage().maxRSS / 1024;
console.log(
  JSON.stringify({
    ...{ executor: executor.description, milliseconds, residentMegabytes, firstStepSeconds },
    proof: proof.slice(0, PROOFS),
  }),
);

async function repeat(work: (index: number) => Promise<void>): Promise<void> {
  const { warmUp, steps: most, fewestSteps, seconds } = workload;
  let began = 0;
  for (let index = 0; index < warmUp + most; index++) {
    if (index === warmUp) began = performance.now();
    const before = performance.now();
    await work(index);
    const after = performance.now();
    if (index === 0) firstStepSeconds = sinceStart();
    if (index >= warmUp) milliseconds.push(after - before);
    if (milliseconds.length >= fewestSteps && after - began > seconds * 1000) return;
  }
}

/** The student alone, as the workload begins with it. */
async function studentAlone(): Promise<PhaseProgram> {
  const { batch } = workload;
  const experiment = experimentOf(networkOf(workload.student), null, batch);
  const plan = planPhase(experiment, phaseOf(false), tensors['labels']?.data.length ?? 0);
  const program = await PhaseProgram.load(plan, sizesOf(batch), executor);
  await program.writeState(weightsOf(tensors, 'learner'));
  return program;
}

async function steps(): Promise<void> {
  const program = await studentAlone();
  const { plan } = program;
  await repeat(async (step) => {
    const { loss } = await program.run('train', { ...held, ...scalarsAt(plan, { step, stepsPerEpoch: 1 }) });
    proof.push(loss?.[0] ?? NaN);
  });
  await program.dispose();
}

async function inference(): Promise<void> {
  const program = await studentAlone();
  await repeat(async () => {
    const { logits } = await program.run('predict', { images: held.images });
    if (proof.length === 0) proof.push(...(logits ?? []).slice(0, PROOFS));
  });
  await program.dispose();
}

/** The first is not measured. Where images are always the same, the teacher speaks from the book that `write-book.ts` wrote. */
async function epochs(): Promise<void> {
  const book = workload.augmented ? null : wholeBook(1);
  const setup = setupOf(folder, executor, { book });
  if (book !== null && new Bookshelf(folder).list().length === 0) throw new Error('no book was written');
  const ready = await readyPhase(setup);
  const taken = await trainEpochs(ready, setup.epochs, (loss, step) => {
    if (step === 0) firstStepSeconds = sinceStart();
    proof.push(loss);
  });
  milliseconds.push(...taken.slice(1));
  await leavePhase(ready);
}
