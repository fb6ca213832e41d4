import { beforeAll, describe, expect, it } from 'vitest';
import type { NumericArray } from '../../src/compiler/graph.ts';
import { Batches } from '../../src/data/batches.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import type { Executor, Feeds } from '../../src/executors/executor.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import type { Split } from '../../src/protocol/records.ts';
import type { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, term, train } from './small-run.ts';

const POLICY = {
  relaxation: 0.5,
  magnitudeGradient: 'operation',
  searchEpochs: 1,
  searchEvery: 2,
  searchLearningRate: 0.01,
};
const DETECTOR = { regions: 3, detectorWeight: 1, mask: 'union' };
const refine = [
  { id: 'dafa', refiner: 'dafa', parameters: POLICY },
  { id: 'dam', refiner: 'dam', parameters: DETECTOR },
];
const pairs = [{ teacher: 'stage2', student: 'stage2' }];

/** An executor that writes down with what each graph was run. */
function watched(runs: { graph: string; feeds: Feeds }[]): Executor {
  const inner = onnxCpu({ threads: 1, spinning: false });
  return {
    name: inner.name,
    description: inner.description,
    load: async (graphs, state) => {
      const program = await inner.load(graphs, state);
      return {
        run: (graph, feeds) => {
          const kept = (values: NumericArray) => values.slice();
          const own = Object.entries(feeds).map(([name, values]) => [name, kept(values)] as const);
          runs.push({ graph, feeds: Object.fromEntries(own) });
          return program.run(graph, feeds);
        },
        readState: (names) => program.readState(names),
        writeState: (values) => program.writeState(values),
        dispose: () => program.dispose(),
      };
    },
  };
}

/** Every image of a split, as a step would be fed it. */
function imagesOf(dataset: Dataset, split: Split): ReadonlySet<string> {
  const { count } = dataset.splits[split];
  const batches = new Batches(dataset, split, { batchSize: count, seed: 0, shuffle: false, augment: [] });
  return new Set(rows(batches.batch(0, 0).inputs, count));
}

function rows(images: NumericArray, count: number): string[] {
  const size = images.length / count;
  const all = Array.from(images);
  return Array.from({ length: count }, (_, n) => all.slice(n * size, (n + 1) * size).join());
}

describe('a search in turns with the student', () => {
  const runs: { graph: string; feeds: Feeds }[] = [];
  let dataset: Dataset;
  let writer: MemoryWriter;
  beforeAll(async () => {
    const made = await smallExperiment({
      ...{ train: 90, batchSize: 16, epochs: 2, teacherEpochs: 1 },
      terms: [term('fitnet', { pairs, refine }), term('dkd')],
    });
    dataset = made.dataset;
    ({ writer } = await train(made, { executor: watched(runs) }));
  });
  const searches = () => runs.filter(({ graph }) => graph.startsWith('search/'));

  it('sees images of the validation split, and none of the others', () => {
    const [validation, test, training] = (['validation', 'test', 'train'] as const).map((split) =>
      imagesOf(dataset, split),
    );
    const seen = searches().flatMap(({ feeds }) =>
      rows(feeds['images'] ?? new Float32Array(), feeds['labels']?.length ?? 1),
    );
    expect(seen.length).toBeGreaterThan(16);
    expect(seen.every((image) => validation?.has(image))).toBe(true);
    expect(seen.some((image) => test?.has(image) === true || training?.has(image) === true)).toBe(false);
    // Not one batch over and over.
    expect(new Set(seen).size).toBe(validation?.size);
  });

  it('takes no step from the student, and ends after its epochs', () => {
    const steps = (phase: string) => writer.metricsLog.filter((one) => one.phase === phase).at(-1)?.step;
    expect(steps('student')).toBe(steps('baseline'));
    // 72 samples in batches of 16 are five steps; two of the student before each of the search, in the first of two epochs.
    expect(searches()).toHaveLength(2);
    const order = runs.map(({ graph }) => graph).filter((graph) => /^(train|search)/.test(graph));
    const first = order.findIndex((graph) => graph.startsWith('search/'));
    expect(order.slice(first - 2, first + 4)).toEqual([
      'train',
      'train',
      'search/1',
      'train',
      'train',
      'search/1',
    ]);
  });

  it('moves its policy off the start, and nothing else', () => {
    const tensors = writer.checkpoints.at(-1)?.tensors ?? {};
    const student =
      writer.checkpoints.filter(({ meta }) => meta.phase === 'student').at(-1)?.tensors ?? tensors;
    const policy = Object.entries(student).filter(([name]) => /\|refine\/dafa\/\w+$/.test(name));
    expect(policy.map(([name]) => name.split('/').at(-1)).sort()).toEqual([
      'magnitude',
      'probability',
      'score',
    ]);
    for (const [name, { data }] of policy) {
      const start = name.endsWith('score') ? Math.fround(1e-3) : 0;
      expect(Array.from(data).some((value) => Math.abs(value - start) > 1e-3)).toBe(true);
    }
    expect(Object.keys(student).some((name) => name.startsWith('term:refine/dam/pair0/heat'))).toBe(true);
  });

  it('records its loss, and where the regions lie in each epoch', () => {
    const recorded = writer.metricsLog.filter(({ values }) => 'search/fitnet' in values);
    expect(recorded.length).toBeGreaterThan(0);
    const pictures = writer.pictures.filter(({ phase }) => phase === 'student');
    expect(pictures.map(({ epoch }) => epoch)).toEqual([0, 1]);
    for (const picture of pictures) {
      if (picture.kind !== 'regions') throw new Error(picture.kind);
      expect(picture.sets.map(({ term: of, refiner, layer }) => [of, refiner, layer])).toEqual([
        ['fitnet', 'dam', 'stage2'],
      ]);
      expect(picture.sets[0]?.images.map((regions) => regions.length)).toEqual([3, 3, 3, 3]);
      for (const { box, score } of picture.sets[0]?.images.flat() ?? []) {
        const [top, left, bottom, right] = box;
        expect(top < bottom && left < right && top >= 0 && right <= 1 && score > 0 && score <= 1).toBe(true);
      }
    }
  });
});

describe('a batch larger than the one that gradients are measured on', () => {
  it('keeps what is drawn for the batch as a whole', async () => {
    const made = await smallExperiment({
      ...{ train: 100, batchSize: 64, epochs: 1, teacherEpochs: 1, baseline: false },
      terms: [term('fitnet', { pairs, refine })],
    });
    const { outcome } = await train(made, { executor: onnxCpu({ threads: 1, spinning: false }) });
    expect(outcome.status).toBe('completed');
  });
});

describe('a search of second order', () => {
  it('begins with the same loss and leads elsewhere, alike on both executors', async () => {
    const run = async (searchOrder: string, executor: Executor) => {
      const dafa = { ...POLICY, searchEvery: 1, searchOrder, innerLearningRate: 0.1 };
      const made = await smallExperiment({
        ...{ train: 30, batchSize: 8, epochs: 1, teacherEpochs: 1, baseline: false },
        terms: [term('fitnet', { pairs, refine: [{ id: 'dafa', refiner: 'dafa', parameters: dafa }] })],
      });
      const { writer } = await train(made, { executor });
      const kept = writer.checkpoints.findLast(({ meta }) => meta.phase === 'student')?.tensors ?? {};
      const policy = Object.entries(kept).filter(([name]) => /\|refine\/dafa\/\w+$/.test(name));
      return {
        losses: writer.metricsLog.flatMap(({ values }) => values['search/fitnet'] ?? []),
        policy: policy.flatMap(([, { data }]) => Array.from(data, Number)),
      };
    };
    const onnx = () => onnxCpu({ threads: 1, spinning: false });
    const [first, second, eager] = [await run('first', onnx()), await run('second', onnx()), await run('second', interpreter)]; // prettier-ignore
    expect(first.policy.length).toBeGreaterThan(0);
    expect(second.losses[0]).toBeCloseTo(Number(first.losses[0]), 5);
    const apart = (a: readonly number[], b: readonly number[]) =>
      Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? NaN))));
    expect(second.policy.every(Number.isFinite)).toBe(true);
    expect(apart(second.policy, first.policy)).toBeGreaterThan(1e-4);
    expect(apart(second.policy, eager.policy)).toBeLessThan(1e-3);
  });
});

describe('refiners of maps before every term', () => {
  it('stand before each of fitnet, at and reviewkd with a policy and a detector of its own', async () => {
    const made = await smallExperiment({
      ...{ train: 60, batchSize: 16, epochs: 1, teacherEpochs: 1, baseline: false, refine },
      terms: [
        term('fitnet', { pairs }),
        term('at', { pairs, parameters: { power: 2 } }),
        term('reviewkd', { pairs, parameters: { width: 8 } }),
      ],
    });
    const { outcome, writer } = await train(made, { executor: onnxCpu({ threads: 1, spinning: false }) });
    expect(outcome.status).toBe('completed');
    const names = Object.keys(
      writer.checkpoints.findLast(({ meta }) => meta.phase === 'student')?.tensors ?? {},
    );
    for (const of of ['fitnet', 'at', 'reviewkd']) {
      expect(names.some((name) => name.startsWith(`term:refine/${of}/dam/pair0/`))).toBe(true);
      expect(names.some((name) => name.startsWith(`beside:student/${of}/${of}/dafa|`))).toBe(true);
    }
  });
});
