import { parseArgs } from 'node:util';
import { trainingBatches, realSamples } from '../../src/training/data.ts';
import { PhaseProgram } from '../../src/training/phase-program.ts';
import { planPhase } from '../../src/training/plan.ts';
import { masksAt, scalarsAt } from '../../src/training/step-feeds.ts';
import { teacherAnswers } from '../../src/training/teacher-answers.ts';
import { AUGMENT, datasetOf } from './dataset.ts';
import { experimentOf, networkOf, phaseOf, sizesOf } from './experiment.ts';
import { executorNamed } from './executors.ts';
import { readWorkload, weightsOf } from './workload-file.ts';

/** Numbers that are printed to prove equal work: first losses, or logits of the first sample. */
const PROOFS = 8;
const SEED = 1;

/** Milliseconds since the process was started, by whoever started it. */
const started = Number(process.env['KD_BENCH_STARTED'] ?? performance.timeOrigin / 1000);
const sinceStart = () => Date.now() / 1000 - started;

/**
 * Does the work of a folder that `workload.ts` wrote with the product's own parts, and prints one line of JSON: milliseconds
 * of each measured step, epoch or answer, the proof of equal work, the largest resident memory, and the seconds from the start
 * of the process to the end of its first step.
 */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    executor: { type: 'string', default: 'onnx' },
    /** Other programs keep the processor busy. */
    busy: { type: 'boolean', default: false },
  },
});
const { workload, tensors } = readWorkload(positionals[0] ?? '');
const executor = await executorNamed(options.executor, options.busy);
const student = networkOf(workload.student);
const teacher = workload.teacher === null ? null : networkOf(workload.teacher);
const samples = tensors['labels']?.data.length ?? 0;
const plan = planPhase(experimentOf(student, teacher, workload.batch), phaseOf(teacher !== null), samples);
const program = await PhaseProgram.load(plan, sizesOf(workload.batch), executor);
await program.writeState(weightsOf(tensors, 'learner'));
if (plan.teacher !== null) await program.writeModel(plan.teacher, weightsOf(tensors, 'teacher'));

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
await program.dispose();
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

async function steps(): Promise<void> {
  await repeat(async (step) => {
    const { loss } = await program.run('train', { ...held, ...scalarsAt(plan, { step, stepsPerEpoch: 1 }) });
    proof.push(loss?.[0] ?? NaN);
  });
}

async function inference(): Promise<void> {
  await repeat(async () => {
    const { logits } = await program.run('predict', { images: held.images });
    if (proof.length === 0) proof.push(...(logits ?? []).slice(0, PROOFS));
  });
}

/** Epochs as the loop of training runs them, without what it measures and records beside. */
async function epochs(): Promise<void> {
  const pixels = Uint8Array.from(tensors['pixels']?.data ?? []);
  const labels = tensors['labels']?.data as Int32Array;
  const dataset = datasetOf(pixels, labels);
  const augment = workload.augmented ? AUGMENT : [];
  const batches = trainingBatches(dataset, workload.batch, SEED, augment, {});
  if (plan.teacher === null) throw new Error('an epoch of distillation has a teacher');
  const answers = await teacherAnswers(program, plan.teacher, dataset, 'train', workload.augmented);
  const count = tensors['order']?.shape[0] ?? 0;
  for (let epoch = 0; epoch < count; epoch++) {
    const before = performance.now();
    for (let index = 0; index < batches.count; index++) {
      const batch = batches.batch(epoch, index);
      const step = epoch * batches.count + index;
      const feeds = {
        ...realSamples(batch),
        ...(await answers(batch)),
        ...scalarsAt(plan, { step, stepsPerEpoch: batches.count }),
        ...masksAt(plan, batch.count, SEED, step),
      };
      const { loss } = await program.run('train', feeds);
      if (epoch === 0) proof.push(loss?.[0] ?? NaN);
      if (step === 0) firstStepSeconds = sinceStart();
    }
    if (epoch > 0) milliseconds.push(performance.now() - before);
  }
}
