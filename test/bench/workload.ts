import { parseArgs } from 'node:util';
import { augmentation, type View } from '../../src/data/augment.ts';
import type { ModelGraph } from '../../src/models/description.ts';
import { integers, normal, permutation, randomStream } from '../../src/random/random.ts';
import { initialTensors } from '../../src/training/initial-tensors.ts';
import { PhaseProgram, type NamedTensors } from '../../src/training/phase-program.ts';
import { planPhase } from '../../src/training/plan.ts';
import { scalarsAt } from '../../src/training/step-feeds.ts';
import { AUGMENT, datasetOf } from './dataset.ts';
import { CLASSES, experimentOf, networkOf, phaseOf, SHAPE, sizesOf } from './experiment.ts';
import { executorNamed } from './executors.ts';
import { writeWorkload, type Tensors, type Workload } from './workload-file.ts';

/** Steps that a teacher or a finished student has trained: its statistics and weights are no longer those of the start. */
const TRAINED_STEPS = 40;
const TRAINING_BATCH = 64;
const EPOCH_SAMPLES = 2560;
/** The first epoch is not measured. */
const EPOCHS = 3;
const SEED = 1;

/** Writes what all contestants of one piece of work start from. */
const { values: options } = parseArgs({
  options: { folder: { type: 'string', default: '' }, workload: { type: 'string', default: '{}' } },
});
const workload = JSON.parse(options.workload) as Workload;
const student = networkOf(workload.student);
const learner = workload.kind === 'inference' ? await trained(student) : initial(student);
const teacher = workload.teacher === null ? {} : await trained(networkOf(workload.teacher));
writeWorkload(options.folder, workload, {
  ...prefixed('learner', learner),
  ...prefixed('teacher', teacher),
  ...(workload.kind === 'epoch' ? epochData(workload.augmented) : batchData(workload.batch)),
});

console.log(JSON.stringify({ folder: options.folder }));

function initial(graph: ModelGraph): NamedTensors {
  return initialTensors(planPhase(experimentOf(graph, null, 1), phaseOf(false), 1).learner, SEED);
}

async function trained(graph: ModelGraph): Promise<NamedTensors> {
  const plan = planPhase(experimentOf(graph, null, TRAINING_BATCH), phaseOf(false), TRAINING_BATCH);
  const program = await PhaseProgram.load(plan, sizesOf(TRAINING_BATCH), await executorNamed('onnx', false));
  await program.writeState(initialTensors(plan.learner, SEED));
  const { images, labels } = batchData(TRAINING_BATCH);
  for (let step = 0; step < TRAINED_STEPS; step++) {
    const feeds = {
      images: images.data,
      labels: labels.data,
      ...scalarsAt(plan, { step, stepsPerEpoch: TRAINED_STEPS }),
    };
    await program.run('train', feeds);
  }
  const tensors = await program.readModel(plan.learner);
  await program.dispose();
  return tensors;
}

function batchData(batch: number) {
  const size = SHAPE[0] * SHAPE[1] * SHAPE[2];
  const images = normal(randomStream(SEED, 'images'), 0, new Float32Array(batch * size));
  const labels = Int32Array.from(integers(randomStream(SEED, 'labels'), 0, batch, CLASSES));
  return { images: { shape: [batch, ...SHAPE], data: images }, labels: { shape: [batch], data: labels } };
}

/**
 * Images as bytes for us and normalised for the others, who then need not do it in every step; the order of each epoch,
 * and where each sample is cut out and whether it is mirrored.
 */
function epochData(augmented: boolean): Tensors {
  const pixels = Int32Array.from(
    integers(randomStream(SEED, 'pixels'), 0, EPOCH_SAMPLES * SHAPE[0] * SHAPE[1] * SHAPE[2], 256),
  );
  const labels = Int32Array.from(integers(randomStream(SEED, 'labels'), 0, EPOCH_SAMPLES, CLASSES));
  const { normalization } = datasetOf(Uint8Array.from(pixels), labels);
  const normalized = (value: number, channel: number) =>
    (value / 255 - (normalization.mean[channel] ?? 0)) / (normalization.deviation[channel] ?? 1);
  const channels = SHAPE[2];
  const images = Float32Array.from(pixels, (value, i) => normalized(value, i % channels));
  const order = Int32Array.from(
    Array.from({ length: EPOCHS }, (_, epoch) => [
      ...permutation(randomStream(SEED, 'order'), epoch, EPOCH_SAMPLES),
    ]).flat(),
  );
  const shape = [EPOCH_SAMPLES, ...SHAPE];
  return {
    pixels: { shape, data: pixels },
    images: { shape, data: images },
    labels: { shape: [EPOCH_SAMPLES], data: labels },
    order: { shape: [EPOCHS, EPOCH_SAMPLES], data: order },
    black: {
      shape: [channels],
      data: Float32Array.from({ length: channels }, (_, channel) => normalized(0, channel)),
    },
    ...(augmented ? { views: { shape: [EPOCHS, EPOCH_SAMPLES, 3], data: viewsOf() } } : {}),
  };
}

/** Top, left and mirrored of every sample in every epoch. */
function viewsOf(): Int32Array {
  const draw = augmentation(AUGMENT, SEED);
  const view: View = { top: 0, left: 0, mirrored: false };
  const views = new Int32Array(EPOCHS * EPOCH_SAMPLES * 3);
  for (let at = 0; at < EPOCHS * EPOCH_SAMPLES; at++) {
    draw(view, Math.floor(at / EPOCH_SAMPLES), at % EPOCH_SAMPLES);
    views.set([view.top, view.left, view.mirrored ? 1 : 0], 3 * at);
  }
  return views;
}

function prefixed(model: string, tensors: NamedTensors): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${model}/${name}`, tensor]));
}
