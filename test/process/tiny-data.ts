import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SIZE = 8;
const CLASSES = 3;

/** Ninety tiny images of three classes, stripes under noise, as IDX files: `train-images`, `train-labels`, `test-...`. */
export function writeTinyData(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [split, count] of [
    ['train', 60],
    ['test', 30],
  ] as const) {
    const images = Buffer.alloc(16 + count * SIZE * SIZE);
    images.set([0, 0, 8, 3]);
    [count, SIZE, SIZE].forEach((size, i) => images.writeUInt32BE(size, 4 + 4 * i));
    const labels = Buffer.alloc(8 + count);
    labels.set([0, 0, 8, 1]);
    labels.writeUInt32BE(count, 4);
    for (let n = 0; n < count; n += 1) {
      labels[8 + n] = n % CLASSES;
      for (let pixel = 0; pixel < SIZE * SIZE; pixel += 1) {
        const stripe = pixel % CLASSES === n % CLASSES ? 60 : 0;
        images[16 + n * SIZE * SIZE + pixel] = stripe + noise(n * 1000 + pixel);
      }
    }
    writeFileSync(join(folder, `${split}-images`), images);
    writeFileSync(join(folder, `${split}-labels`), labels);
  }
}

/** 0..149, the same at every call. */
function noise(n: number): number {
  return (Math.imul(n ^ (n >>> 3), 0x9e3779b1) >>> 8) % 150;
}

/** An experiment on them: a teacher, students under three seeds, baselines. */
export const TINY_CONFIG = `name: Tiny
data:
  format: idx
  train: { inputs: data/train-images, labels: data/train-labels }
  test: { inputs: data/test-images, labels: data/test-labels }
  augment: [{ randomCrop: { padding: 1 } }]
models:
  teacher: { architecture: { convnet: { filters: [4, 4], hidden: [8] } }, train: { epochs: 6 } }
  student: { architecture: { mlp: { hidden: [8] } } }
distill:
  match: [{ kd: { temperature: 4, weight: 0.9 } }]
  hardLabelWeight: 0.1
train:
  epochs: 12
  batchSize: 8
  optimizer: { sgd: { learningRate: { cosine: { from: 0.1, to: 0, over: { epochs: 12 } } }, momentum: 0.9 } }
compare: { seeds: [1, 2, 3] }
`;

/**
 * The same with what else is carried from step to step: batch statistics, a memory bank, a mean of the weights, a sum of gradients,
 * a schedule and a stop that wait for validation; and a book of two views.
 */
export const CARRYING_CONFIG = `name: Tiny, with all that is carried
data:
  format: idx
  train: { inputs: data/train-images, labels: data/train-labels }
  test: { inputs: data/test-images, labels: data/test-labels }
  augment: [{ randomCrop: { padding: 1 } }]
models:
  teacher: { architecture: { resnet: { depth: 8, width: 4 } }, train: { epochs: 3 } }
  student: { architecture: { resnet: { depth: 8, width: 2 } } }
distill:
  book: { views: 2 }
  match:
    - kd: { temperature: 4, weight: 0.9 }
    - crd: { weight: 0.1, dimensions: 4, negatives: 4, pairs: [[embedding, embedding]] }
  hardLabelWeight: 0.1
train:
  epochs: 5
  batchSize: 8
  gradientAccumulation: 2
  ema: { decay: 0.9 }
  labelSmoothing: 0.1
  earlyStopping: { patience: 3 }
  optimizer: { adam: { learningRate: { plateau: { from: 0.01, factor: 0.5, patience: 1 } } } }
compare: { seeds: [1, 2] }
`;

/** A config of seconds on these data. @param more lines under `distill` */
export function tinyConfig(more = ''): string {
  return `name: Tiny
data:
  format: idx
  train: { inputs: data/train-images, labels: data/train-labels }
  test: { inputs: data/test-images, labels: data/test-labels }
models:
  teacher: { architecture: { convnet: { filters: [4, 4], hidden: [8] } }, train: { epochs: 1 } }
  student: { architecture: { mlp: { hidden: [8] } } }
distill:
  match: [{ kd: { temperature: 4, weight: 0.9 } }]
${more}train: { epochs: 1, batchSize: 8 }
engine: { threads: 1 }
`;
}
