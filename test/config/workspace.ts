import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FIELDS } from '../../src/book/fingerprint.ts';
import type { BookManifest } from '../../src/book/manifest.ts';

/** A folder with small data, base files and earlier runs, in which configs are checked. */
export interface ConfigWorkspace {
  readonly root: string;
  write(path: string, content: string | Uint8Array): string;
  remove(): void;
}

export const HEALTHY = `name: base
data:
  format: idx
  train: { inputs: data/train-images, labels: data/train-labels }
  test: { inputs: data/test-images, labels: data/test-labels }
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
  batchSize: 8
compare: { seeds: [1, 2, 3] }
`;

export function createWorkspace(): ConfigWorkspace {
  const outer = mkdtempSync(join(tmpdir(), 'kd-config-'));
  const root = join(outer, 'project');
  const write = (path: string, content: string | Uint8Array): string => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  const images = (count: number) => idx([count, 28, 28], (index) => index % 251);
  const labels = (count: number) => idx([count], (index) => index % 10);
  write('data/train-images', images(40));
  write('data/train-labels', labels(40));
  write('data/test-images', images(20));
  write('data/test-labels', labels(20));
  write(
    'data/two-train-labels',
    idx([40], (index) => index % 2),
  );
  write(
    'data/two-test-labels',
    idx([20], (index) => index % 2),
  );
  for (const stage of ['healthy', 'ill']) {
    for (let n = 0; n < 10; n++) write(`scans/train/${stage}/patient${n}${stage}.png`, 'looked at by name');
    for (let n = 9; n < 14; n++)
      write(`scans/test/${stage}/patient${n}${stage}_copy.png`, 'looked at by name');
  }
  write('scans/patients.csv', patientTable());
  write('data/short-images', images(40).subarray(0, 5000));
  write('data/notes.txt', 'not an IDX file, only some words\n');
  write('../outside/train-images', images(40));
  symlinkSync(join(outer, 'outside', 'train-images'), join(root, 'data/link'));
  write('base.kd.yaml', `partial: true\n${HEALTHY}`);
  write('itself.kd.yaml', 'extends: itself.kd.yaml\n');
  writeRun(write, 'finished-1', { classes: 10, shape: [28, 28, 1] });
  writeRun(write, 'hundred-classes', { classes: 100, shape: [28, 28, 1] });
  writeRun(write, 'large-images', { classes: 10, shape: [224, 224, 3] });
  writeRun(write, 'guesses', { classes: 10, shape: [28, 28, 1], accuracy: 0.11 });
  writeRun(write, 'behind', { classes: 10, shape: [28, 28, 1], accuracy: 0.7, baseline: 0.8 });
  writeBook(write, 'whole');
  return { root, write, remove: () => rmSync(outer, { recursive: true, force: true }) };
}

/** Of `resnet8` for 28x28x1 and ten classes. */
const RESNET8_PARAMETERS = 77_754;

function writeRun(
  write: ConfigWorkspace['write'],
  id: string,
  {
    accuracy = 0.9,
    baseline,
    ...data
  }: { classes: number; shape: readonly number[]; accuracy?: number; baseline?: number },
): void {
  const results = {
    phases: [
      { phase: 'teacher', model: 'teacher', validation: { accuracy } },
      ...(baseline === undefined
        ? []
        : [
            {
              phase: 'baseline',
              model: 'student',
              parameters: RESNET8_PARAMETERS,
              validation: { accuracy: baseline },
            },
          ]),
    ],
    verdict: null,
  };
  write(
    `.kd/runs/${id}/run.json`,
    JSON.stringify({ id, createdAt: '2026-01-01T00:00:00.000Z', status: 'completed', data, results }),
  );
  write(
    `.kd/runs/${id}/config.yaml`,
    'models:\n  teacher: { architecture: { resnet20: { depth: 20, width: 16 } } }\n',
  );
}

/** One patient for two files of training; one of them in the test files too. */
function patientTable(): string {
  const rows = ['healthy', 'ill'].flatMap((stage) => [
    ...Array.from({ length: 10 }, (_, n) => `patient${n}${stage}.png,${stage}${n >> 1}`),
    ...Array.from(
      { length: 5 },
      (_, n) => `patient${n + 9}${stage}_copy.png,${n === 2 ? 'healthy2' : `new${n}`}`,
    ),
  ]);
  return ['file,patient', ...rows].join('\n');
}

/** A book that was written for something else. */
function writeBook(write: ConfigWorkspace['write'], name: string): void {
  const fingerprint = Object.fromEntries(Object.keys(FIELDS).map((field) => [field, 'other']));
  const manifest: BookManifest = {
    formatVersion: 1,
    name,
    teachers: ['teacher'],
    fingerprint: fingerprint as BookManifest['fingerprint'],
    tensors: [{ name: 'logits', shape: [10] }],
    settings: { precision: 'float32', topK: null },
    samples: { train: 36, validation: 4 },
    views: { plain: 1, strong: 0 },
    createdAt: '2026-01-01T00:00:00.000Z',
  };
  write(`.kd/books/${name}/book.json`, JSON.stringify(manifest));
}

/** An IDX file of unsigned bytes. */
function idx(dimensions: readonly number[], valueAt: (index: number) => number): Uint8Array {
  const count = dimensions.reduce((product, size) => product * size, 1);
  const header = new DataView(new ArrayBuffer(4 + 4 * dimensions.length));
  header.setUint32(0, 0x0800 + dimensions.length);
  dimensions.forEach((size, index) => header.setUint32(4 + 4 * index, size));
  const values = Uint8Array.from({ length: count }, (_, index) => valueAt(index));
  return Uint8Array.from([...new Uint8Array(header.buffer), ...values]);
}
