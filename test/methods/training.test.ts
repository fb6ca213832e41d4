import { describe, expect, it } from 'vitest';
import type { TermSettings } from '../../src/config/experiment.ts';
import { isEager, type Executor } from '../../src/executors/executor.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { catalogue, methods } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { catalogueRun } from '../training/catalogue-config.ts';
import { smallExperiment, term, train } from '../training/small-run.ts';

const paired = (...layers: string[]) => layers.map((layer) => ({ teacher: layer, student: layer }));

/** Settings in which a tiny run stays cheap and every part of a loss has something to do. */
const PARAMETERS: Readonly<Record<string, TermSettings['parameters']>> = {
  crd: { negatives: 16, dimensions: 8 },
};
/** Of a term beside the hard labels; distances of whole maps to the third power are large, as the page of darkrank says. */
const weightOf = (name: string) => (name === 'darkrank' ? 1e-7 : 1e-3);
const EPOCHS = 3;

/** Two stages, or two layers of equal shape for those who cannot do without. */
function sidesFor({ needs, checkPair }: Method): {
  readonly pairs: TermSettings['pairs'];
  readonly student?: string;
  readonly teacher?: string;
} {
  const { pairs, teacherWeights } = needs;
  if (teacherWeights === 'batchNorm') return { pairs: paired(SUM), student: RESNET, teacher: RESNET };
  if (pairs?.rank === 'vector') return { pairs: paired('hidden1') };
  if (pairs === undefined) return { pairs: [] };
  const misfit = checkPair?.({ teacher: [4, 4, 6], student: [4, 4, 2] }) ?? null;
  if (misfit === null) return { pairs: paired('stage1', 'stage2').slice(0, Math.max(pairs.minimum, 1)) };
  return { pairs: paired('stage1.conv', 'stage1.relu'), student: 'convnet' };
}

const RESNET = 'resnet8';
const SUM = 'stage1.block0.add';

/** A term that needs no more than a teacher, a student and a batch. */
function plainTerm(method: Method) {
  const { pairs, ...sides } = sidesFor(method);
  return smallExperiment({
    ...{ train: 60, test: 10, epochs: EPOCHS, teacherEpochs: 1, batchSize: 16, baseline: false },
    ...sides,
    terms: [
      term(method.name, { weight: weightOf(method.name), pairs, parameters: PARAMETERS[method.name] ?? {} }),
    ],
  });
}

/** One that needs peers, exits, words, answers that are drawn, or a network beside the student. */
function underItsScheme(method: Method) {
  const training = `epochs: ${EPOCHS}, batchSize: 16, optimizer: { adam: { learningRate: 2.0e-3 } }`;
  return catalogueRun([method], { limit: { train: 60, test: 10 }, teacherEpochs: 1, training });
}

/** Remembers whose state the steps change in which a student learns. */
function watched(changed: Set<string>): Executor {
  const executor = onnxCpu({ threads: 1, spinning: false });
  if (isEager(executor)) throw new Error('steps are looked at where they are compiled');
  return {
    ...executor,
    load(graphs, state) {
      const learns = Object.keys(state).some((name) => /^student[^/]*\/parameters$/.test(name));
      for (const { outputs } of learns ? Object.values(graphs) : [])
        for (const { name } of outputs) if (name in state) changed.add(name.replace(/\/.*/, ''));
      return executor.load(graphs, state);
    },
  };
}

describe('every method of the catalogue', () => {
  it.each(catalogue.map((method) => [method.name, method] as const))(
    '%s trains: its term is finite and something, it moves the student and not the teacher, and the loss falls',
    async (name, method) => {
      const made = await (methods.includes(method) ? plainTerm(method) : underItsScheme(method));
      const changed = new Set<string>();
      const { outcome, writer } = await train(made, { executor: watched(changed) });
      expect(outcome.status).toBe('completed');
      expect([...changed].some((owner) => owner.startsWith('student'))).toBe(true);
      expect(changed).not.toContain('teacher');
      const values = (split: string, key: string) =>
        writer.metricsLog
          .filter((one) => one.split === split && one.phase === 'student' && key in one.values)
          .map((one) => Number(one.values[key]));
      for (const split of ['train', 'validation']) {
        const losses = values(split, `loss/${name}`);
        expect(losses.length, split).toBeGreaterThan(0);
        for (const loss of losses)
          expect(Number.isFinite(loss) && loss !== 0, `${split}: ${loss}`).toBe(true);
      }
      const shares = values('train', `gradientShare/${name}`);
      expect(shares.length).toBeGreaterThan(0);
      for (const share of shares) expect(share).toBeGreaterThan(0);
      const epochs = values('train', 'epochLoss');
      expect(epochs).toHaveLength(EPOCHS);
      expect(epochs.at(-1)).toBeLessThan(epochs[0] ?? NaN);
    },
    30_000,
  );
});
