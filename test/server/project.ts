import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const IMAGES_MAGIC = 0x803;
const LABELS_MAGIC = 0x801;
const SIDE = 28;
const CLASSES = 10;

/** A config without a fault, if the data lies beside it. */
export const HEALTHY = `name: digits
task: classification
data:
  format: idx
  train: { inputs: train-images, labels: train-labels }
  test: { inputs: test-images, labels: test-labels }
models:
  teacher: { architecture: resnet20, train: { epochs: 2 } }
  student: { architecture: resnet8 }
distill:
  match:
    - kd: { temperature: 4, weight: 0.9 }
    - at: { weight: 1000, pairs: [[stage2, stage2], [stage3, stage3]] }
  hardLabelWeight: 0.1
train:
  epochs: 3
  batchSize: 16
  optimizer: { sgd: { learningRate: 0.05, momentum: 0.9 } }
  seed: 1
compare: { baseline: true, seeds: [1, 2, 3] }
`;

/** The same with comments until it has `lines` lines. */
export function healthyOf(lines: number): string {
  const own = HEALTHY.split('\n').length - 1;
  return `${'# what was tried before, and why it was given up\n'.repeat(Math.max(0, lines - own))}${HEALTHY}`;
}

export interface Project {
  readonly folder: string;
  path(name: string): string;
  uri(name: string): string;
  remove(): void;
}

/** A folder with small files of digits that are none. */
export function createProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'kd-project-'));
  for (const [split, count] of [
    ['train', 60],
    ['test', 20],
  ] as const) {
    writeFileSync(
      join(folder, `${split}-images`),
      idx(IMAGES_MAGIC, [count, SIDE, SIDE], () => 0),
    );
    writeFileSync(
      join(folder, `${split}-labels`),
      idx(LABELS_MAGIC, [count], (index) => index % CLASSES),
    );
  }
  const path = (name: string) => join(folder, name);
  return {
    folder,
    path,
    uri: (name) => pathToFileURL(path(name)).href,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** IDX: magic, sizes, then one byte a value; big-endian. */
function idx(magic: number, sizes: readonly number[], value: (index: number) => number): Buffer {
  const header = Buffer.alloc(4 * (1 + sizes.length));
  [magic, ...sizes].forEach((word, index) => header.writeUInt32BE(word, 4 * index));
  const count = sizes.reduce((product, size) => product * size, 1);
  return Buffer.concat([header, Buffer.from(Array.from({ length: count }, (_, index) => value(index)))]);
}
