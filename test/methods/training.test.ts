import { describe, expect, it } from 'vitest';
import type { TermSettings } from '../../src/config/experiment.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { methods } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { smallExperiment, term, train } from '../training/small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const paired = (...layers: string[]) => layers.map((layer) => ({ teacher: layer, student: layer }));

/** Settings in which a tiny run stays cheap and every part of a loss has something to do. */
const PARAMETERS: Readonly<Record<string, TermSettings['parameters']>> = {
  crd: { negatives: 16, dimensions: 8 },
};

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

describe('every method of the catalogue', () => {
  it.each(methods.map((method) => [method.name, method] as const))(
    '%s trains: its term stays finite and pulls at the student',
    async (name, method) => {
      const { pairs, ...sides } = sidesFor(method);
      const made = await smallExperiment({
        train: 60,
        test: 10,
        epochs: 1,
        teacherEpochs: 1,
        batchSize: 16,
        baseline: false,
        ...sides,
        terms: [term(name, { weight: 1e-3, pairs, parameters: PARAMETERS[name] ?? {} })],
      });
      const { outcome, writer } = await train(made, { executor });
      expect(outcome.status).toBe('completed');
      for (const split of ['train', 'validation']) {
        const [last] = writer.metricsLog
          .filter((one) => one.split === split && one.phase === 'student')
          .slice(-1);
        expect(Number.isFinite(last?.values[`loss/${name}`]), split).toBe(true);
        if (split === 'train') expect(last?.values[`gradientShare/${name}`]).toBeGreaterThan(0);
      }
    },
  );
});
