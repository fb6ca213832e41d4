import type {
  MetricsRecord,
  PhaseResult,
  PictureRecord,
  TargetsPicture,
} from '../../src/protocol/records.ts';
import { draw } from '../process/harness.ts';
import { sampleRun, type SampleOptions, type SampleRun } from './sample-run.ts';

const CLASSES = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const IMAGES = 4;
const BEGINS = 96;
const PHASES = ['student', 'baseline'];

function gates(phase: string, seed: number, epoch: number, epochs: number): PictureRecord {
  const sharpness = phase === 'student' ? 1 + (3 * epoch) / epochs : 1 + epoch / epochs;
  const rows = (receivers: number, experts: number, salt: number) =>
    Array.from({ length: receivers }, (_, i) => {
      const raw = Array.from(
        { length: experts },
        (_value, j) => draw(salt + seed, i * experts + j) ** sharpness,
      );
      const sum = raw.reduce((a, b) => a + b, 0);
      return raw.map((value) => value / sum);
    });
  const cosine = (a: number, b: number) =>
    a === b ? 1 : 2 * draw(9 + seed, Math.min(a, b) * 31 + Math.max(a, b)) - 1;
  return {
    kind: 'gates',
    ...{ phase, seed, epoch },
    levels: [
      { layer: 'level1', weights: rows(4, 2, 3), entropy: 0.61 / sharpness, overlap: 0.7 },
      { layer: 'level2', weights: rows(CLASSES.length, 4, 5), entropy: 1.2 / sharpness, overlap: 0.52 },
    ],
    conflicts: CLASSES.map((_, a) => CLASSES.map((_name, b) => cosine(a, b))),
    classes: CLASSES,
  };
}

function regions(seed: number, epoch: number): PictureRecord {
  const box = (image: number, at: number) => {
    const [top, left] = [0.6 * draw(epoch, image * 7 + at), 0.6 * draw(epoch + 50, image * 7 + at)];
    return { box: [top, left, top + 0.3, left + 0.35] as const, score: draw(epoch, image + at) };
  };
  return {
    kind: 'regions',
    ...{ phase: 'student', seed, epoch },
    samples: Array.from({ length: IMAGES }, (_, image) => image),
    sets: [
      {
        ...{ term: 'fitnet', refiner: 'dam', layer: 'stage2' },
        images: Array.from({ length: IMAGES }, (_, image) => [box(image, 0), box(image, 1), box(image, 2)]),
      },
    ],
  };
}

function targets(seed: number, epoch: number, classes: readonly string[]): TargetsPicture {
  const labels = Array.from({ length: IMAGES }, (_, image) => (3 * image + 1) % classes.length);
  return {
    kind: 'targets',
    ...{ phase: 'student', seed, epoch },
    samples: labels.map((_, image) => image),
    labels: labels.map((label) => classes[label] ?? ''),
    sets: [
      {
        ...{ term: 'kd', refiners: ['simplifier'], temperature: 4 },
        images: labels.map((label, image) => {
          const answer = (salt: number, sharp: number) => {
            const raw = classes.map((_, k) => (k === label ? sharp : draw(salt, image * 11 + k)));
            const sum = raw.reduce((a, b) => a + b, 0);
            return raw.map((value) => value / sum);
          };
          const [before, after] = [answer(1, 6), answer(2 + epoch, 3 + epoch / 4)];
          return classes
            .map((name, k) => ({ class: name, before: before[k] ?? 0, after: after[k] ?? 0 }))
            .slice(0, 8);
        }),
      },
    ],
  };
}

/** What a run records of neurons and weights at the end of an epoch. */
function ofEpoch({ phase, seed, epoch }: MetricsRecord, epochs: number): MetricsRecord['values'] {
  const left = Math.round(BEGINS * (0.25 + 0.75 * Math.exp(-epoch / 2)) + 3 * draw(seed, phase.length));
  const share = 1 - (epoch + 1) / epochs;
  return {
    'width/hidden1.fc': Math.min(BEGINS, left),
    ...(phase === 'student' ? { 'weight/ce': 1 - share, 'weight/kd': share } : {}),
  };
}

function uncertain(result: PhaseResult): PhaseResult {
  const known = result.phase === 'teacher' ? 1 : 1.3 + 0.02 * result.seed;
  const measured = (head: string, harder: number) => ({
    [`${head}accuracy`]: 0.98 - 0.05 * harder * known,
    [`${head}coverage`]: 0.93 - 0.03 * harder,
    [`${head}setSize`]: 1.1 + 0.6 * harder * known,
    [`${head}calibrationError`]: 0.012 + 0.03 * harder,
    [`${head}total`]: 0.15 * known + 0.4 * harder,
    [`${head}aleatoric`]: 0.12 * known + 0.28 * harder,
    [`${head}epistemic`]: 0.03 * known + 0.12 * harder,
  });
  const test = { ...result.test, ...measured('uncertainty/', 0), ...measured('uncertainty/shifted/', 1) };
  return { ...result, test };
}

/** A made-up run with everything by which systems explain themselves. */
export function picturedRun(options: SampleOptions = {}): SampleRun {
  const { epochs = 8, classNames = CLASSES } = options;
  const run = sampleRun({ ...options, epochs });
  const metrics = run.metrics.map((record): MetricsRecord => {
    const isLast = !run.metrics.some(
      ({ phase, seed, split, epoch, step }) =>
        phase === record.phase &&
        seed === record.seed &&
        split === 'train' &&
        epoch === record.epoch &&
        step > record.step,
    );
    if (record.split !== 'train' || !isLast || !PHASES.includes(record.phase)) return record;
    return { ...record, values: { ...record.values, ...ofEpoch(record, epochs) } };
  });
  const reached = new Set(run.gap.map(({ seed, epoch }) => `${seed} ${epoch}`));
  const pictures = run.record.seeds.flatMap((seed) =>
    Array.from({ length: epochs }, (_, epoch) => epoch)
      .filter((epoch) => reached.has(`${seed} ${epoch}`))
      .flatMap((epoch) => [
        ...PHASES.map((phase) => gates(phase, seed, epoch, epochs)),
        regions(seed, epoch),
        targets(seed, epoch, classNames),
      ]),
  );
  const { results } = run.record;
  const record =
    results === undefined
      ? run.record
      : { ...run.record, results: { ...results, phases: results.phases.map(uncertain) } };
  return { ...run, record, metrics, pictures };
}
