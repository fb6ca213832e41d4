import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ablationOf, type AblationAnswer, type AblationKind } from '../../src/protocol/ablation.ts';
import { DEFAULT_OPTIONS, matchLayers } from '../../src/protocol/layer-matching/match-layers.ts';
import { ablationAnswer } from '../../src/reports/ablation-answer.ts';
import { writeAblation } from '../../src/runs/ablation-files.ts';
import { judge } from '../../src/statistics/verdict.ts';
import { Workplace } from '../cli/kd-process.ts';
import { counts } from '../support/counts.ts';
import { bundleProduct } from './build.ts';

/** Digits, and a student that learns nothing but to copy maps: the term weighs so much that clipped gradients leave nothing else. */
const CONFIG = `name: Digits
data:
  format: idx
  train: { inputs: digits/train-images-idx3-ubyte.gz, labels: digits/train-labels-idx1-ubyte.gz }
  test: { inputs: digits/t10k-images-idx3-ubyte.gz, labels: digits/t10k-labels-idx1-ubyte.gz }
  limit: { train: 400, test: 200 }
models:
  teacher: { architecture: { convnet: { filters: [6, 8], hidden: [16] } }, train: { epochs: 3 } }
  student: { architecture: { convnet: { filters: [2, 4], hidden: [16] } } }
distill:
  match:
    - kd: {}
    - fitnet: { weight: 1.0e+6, pairs: [[stage1, stage1]] }
train:
  epochs: 3
  batchSize: 16
  optimizer: { sgd: { learningRate: 0.05, momentum: 0.9 } }
  gradientClipping: { norm: 1 }
compare: { baseline: false, seeds: [1] }
engine: { device: cpu, threads: 1 }
`;

/** The first two are the shortest ablation there is. */
const KINDS = (['none', 'best', 'random', 'sameDepth'] satisfies AblationKind[]).slice(
  0,
  counts({ test: 2, soak: 4 }),
);

let bundles = '';
let place: Workplace;
beforeAll(async () => {
  bundles = await bundleProduct();
  place = new Workplace(bundles);
  cpSync(join('media', 'sample', 'data'), join(place.folder, 'digits'), { recursive: true });
  writeFileSync(join(place.folder, 'digits.kd.yaml'), CONFIG);
});
afterAll(async () => {
  await place.dispose();
  rmSync(bundles, { recursive: true, force: true });
});

async function run(file: string): Promise<void> {
  const { code, stderr } = await place.kd(['run', file]);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
}

const answer = (): AblationAnswer | null =>
  ablationAnswer(join(place.folder, 'digits.kd.yaml'), place.store.list(), ({ run }) => run.config());

describe('an ablation over matched layers', () => {
  it(
    'goes from a run to its answer, which says that matching hurts where it does',
    { timeout: 120_000 },
    async () => {
      await run('digits.kd.yaml');
      const base = place.store.open('latest');
      const [meeting] = base.layers()?.meetings ?? [];
      const table = base.similarity().findLast(({ measure }) => measure === 'linearCka');
      if (meeting === undefined || table === undefined) throw new Error('the run says nothing of its layers');
      const pairs = matchLayers(meeting, table, { ...DEFAULT_OPTIONS, pairs: 1 }).map(
        ({ teacher, student }) => ({ teacher: teacher.name, student: student.name }),
      );
      expect(pairs).toHaveLength(1);
      const file = join(place.folder, 'digits.kd.yaml');
      const input = { file, effective: base.config(), meeting, pairs };
      const files = writeAblation(input);
      expect(writeAblation(input)).toEqual(files);
      expect(answer()).toBeNull();

      const accuracies = new Map<AblationKind, ReadonlyMap<number, number>>();
      for (const kind of KINDS) {
        const variant = files.find((path) => ablationOf(path)?.kind === kind);
        // With few layers "same depth" may be the chosen pair itself, and there may be no other for "random".
        if (variant === undefined) continue;
        await run(variant);
        const { results } = place.store.open('latest').record();
        const reached = (results?.phases ?? []).filter(({ phase }) => phase === 'student');
        accuracies.set(kind, new Map(reached.map(({ seed, test }) => [seed, Number(test['accuracy'])])));
        expect(answer()?.variants.map((one) => one.kind)).toContain(kind);
      }

      const told = answer();
      for (const { kind, status, seeds, value } of told?.variants ?? []) {
        const own = [...(accuracies.get(kind)?.values() ?? [])];
        expect({ status, seeds }).toEqual({ status: 'completed', seeds: 3 });
        expect(value).toBeCloseTo(own.reduce((sum, value) => sum + value, 0) / 3, 12);
      }
      const found = told?.differences.find(({ of, to }) => of === 'best' && to === 'none');
      const judged = judge(
        [1, 2, 3].map((seed) => ({
          seed,
          student: accuracies.get('best')?.get(seed) ?? NaN,
          baseline: accuracies.get('none')?.get(seed) ?? NaN,
        })),
      );
      expect(found).toMatchObject({ mean: judged.difference, interval: judged.interval, pairs: 3 });
      expect(judged).toMatchObject({ verdict: 'NO BEATS', unit: 'points' });
      expect(found?.interval?.[1]).toBeLessThan(0);
    },
  );
});
