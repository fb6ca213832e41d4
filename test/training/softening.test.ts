import { afterEach, describe, expect, it, vi } from 'vitest';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { findMethod, methods } from '../../src/methods/index.ts';
import { smallExperiment, term, train } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const QUICK = { train: 40, validation: 0.25, epochs: 1, teacherEpochs: 1, baseline: false, batchSize: 16 };

afterEach(() => vi.restoreAllMocks());

async function guardsOf(method: string, temperature: number | null): Promise<readonly string[]> {
  const parameters = temperature === null ? {} : { temperature };
  const made = await smallExperiment({ ...QUICK, terms: [term(method, { parameters })] });
  const { writer } = await train(made, { executor });
  return writer.events
    .filter(({ kind, message }) => kind === 'guard' && message.includes('T²'))
    .map(({ message }) => message);
}

describe('T²', () => {
  it.each([1, 4, 20])('that is forgotten in a softened loss is found at T = %d', async (temperature) => {
    const kd = findMethod('kd');
    if (kd === undefined) throw new Error('no kd');
    const whole = kd.loss.bind(kd);
    vi.spyOn(kd, 'loss').mockImplementation((ops, context) => {
      const T = context.parameters['temperature'] as Parameters<typeof ops.square>[0];
      return ops.div(whole(ops, context), ops.square(T));
    });
    expect(await guardsOf('kd', temperature)).toEqual([
      expect.stringContaining('The pull of the term "kd" falls with the square of its temperature'),
    ]);
  });

  // Those that train on logits of one teacher alone, and name T² in their formula.
  const softened = methods.filter(
    ({ formula, parameters, needs }) =>
      formula.includes('T²') &&
      'temperature' in parameters.fields &&
      Object.entries(needs).every(
        ([need, value]) => need === 'logits' || value === false || need === 'labels',
      ),
  );
  it.each(softened.map(({ name }) => name))('is part of %s, which raises nothing', async (name) => {
    expect(await guardsOf(name, null)).toEqual([]);
    expect(await guardsOf(name, 1)).toEqual([]);
  });

  it('is looked for in the methods that soften answers', () => {
    expect(softened.map(({ name }) => name)).toEqual(expect.arrayContaining(['kd', 'dkd']));
  });
});
