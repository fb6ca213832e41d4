import { join } from 'node:path';
import { loadDataset, type Dataset } from '../../src/data/dataset.ts';
import type { AttentionRecord, GapReport } from '../../src/protocol/gap-report.ts';
import type { HostMessage } from '../../src/protocol/panel.ts';
import { attentionMap, meanOverlap } from '../../src/training/gap/attention-maps.ts';
import { pictureOf } from '../../src/training/gap/pictures.ts';
import { gapReport } from '../../src/training/gap/report.ts';
import { probeSamples } from '../../src/training/data.ts';
import { draw } from '../process/harness.ts';
import { directoryOf } from './support/host-messages.ts';

const FOLDER = join(import.meta.dirname, '../../media/sample/data');
const EPOCHS = [0, 2, 5, 7];
const PAIRS = [
  { teacher: 'stage1', student: 'stage1' },
  { teacher: 'stage3', student: 'stage2' },
];

export interface SampleGap {
  readonly report: GapReport;
  readonly attention: readonly AttentionRecord[];
}

async function digits(): Promise<Dataset> {
  const file = (name: string) => join(FOLDER, `${name}-ubyte.gz`);
  return loadDataset(
    {
      format: 'idx',
      train: { inputs: file('train-images-idx3'), labels: file('train-labels-idx1') },
      test: { inputs: file('t10k-images-idx3'), labels: file('t10k-labels-idx1') },
      validation: { fraction: 0.2 },
      normalize: 'trainingSplit',
      augment: [],
      limit: { train: 1000, test: 10 },
    },
    { root: FOLDER, seed: 1, cacheFolder: null },
  );
}

/** A report made by the product's own code, of real digits and of made-up answers. */
export async function sampleGap({
  classNames,
  student = 'student-1',
  run = '2026-11-23-mnist-1',
}: { classNames?: readonly string[]; student?: string; run?: string } = {}): Promise<SampleGap> {
  const loaded = await digits();
  const dataset = classNames === undefined ? loaded : { ...loaded, classes: classNames };
  const { count, labels } = dataset.splits.validation;
  const width = dataset.classes.length;
  const answers = (salt: number, strength: number) =>
    Float32Array.from({ length: count * width }, (_, at) => {
      const [n, k] = [Math.floor(at / width), at % width];
      // Like digits are taken for one another.
      const near = Math.abs((labels[n] ?? 0) - k) === 2 ? 1.5 : 0;
      return (labels[n] === k ? strength : near) + 3 * draw(salt, at);
    });
  const samples = probeSamples(count, count);
  const looked = [...probeSamples(count, 8)];
  const maps = (salt: number, spread: number) =>
    PAIRS.map((_, pair) =>
      looked.map((index) => {
        const side = pair === 0 ? 14 : 7;
        const [x, y] = [side * (0.3 + 0.4 * draw(salt, index)), side * (0.3 + 0.4 * draw(salt + 1, index))];
        const values = Float64Array.from({ length: side * side }, (_value, place) =>
          Math.exp(-(((place % side) - x) ** 2 + (Math.floor(place / side) - y) ** 2) / spread),
        );
        return { height: side, width: side, values };
      }),
    );
  const teacher = maps(5, 8);
  const overlapWith = (own: typeof teacher) =>
    own.map((energies, pair) => meanOverlap(teacher[pair] ?? [], energies));
  const own = maps(6, 12);
  const report = gapReport(
    { phase: 'student', seed: 1, student, teachers: ['teacher-1'], state: 'kept' },
    {
      ...{ dataset, split: 'validation', samples, temperature: 4 },
      teacher: answers(1, 6),
      student: answers(2, 4),
    },
    {
      pairs: PAIRS,
      samples: looked.map((index) => ({
        index,
        label: labels[index] ?? 0,
        pixels: pictureOf(dataset, 'validation', index),
      })),
      teacher: teacher.map((energies) => energies.map(attentionMap)),
      student: own.map((energies) => energies.map(attentionMap)),
      overlap: overlapWith(own),
    },
    { milliseconds: 812, share: 0.011 },
  );
  const attention = EPOCHS.map((epoch): AttentionRecord => {
    const then = maps(6 + epoch, 60 - 6 * epoch);
    return {
      ...{ phase: 'student', seed: 1, epoch, samples: looked, pairs: PAIRS },
      student: then.map((energies) => energies.map(attentionMap)),
      overlap: overlapWith(then),
    };
  });
  return { report: { run, ...report }, attention };
}

/** What the host answers when the panel asks for it. */
export function gapOf(
  { report, attention }: SampleGap,
  reports: readonly string[] = [report.student],
): HostMessage {
  return { type: 'gapReport', run: directoryOf(report.run), reports, report, attention };
}
