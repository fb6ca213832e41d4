import { describe, expect, test } from 'vitest';
import { BLOCKED_FORMS } from '../../src/compiler/onnx/blocked/forms.ts';
import { BLOCKED, type OnnxModel } from '../../src/compiler/onnx/model.ts';
import { onnxRun, probeBlocks, type RunModel } from '../../src/executors/usable-blocks.ts';

const whole = await probeBlocks();
const missing = BLOCKED_FORMS.filter((form) => whole.blocks?.forms.has(form) !== true);

/** The runtime as it is, but for models with such a node of the internal domain. */
function spoiled(is: (node: OnnxModel['nodes'][number], model: OnnxModel) => boolean, how: 'wrong' | 'missing'): RunModel {
  return async (model, feeds) => {
    if (!model.nodes.some((node) => node.domain === BLOCKED && is(node, model))) return onnxRun(model, feeds);
    if (how === 'missing') throw new Error('no such operator');
    const results = await onnxRun(model, feeds);
    return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, values.map((value, at) => (at === 3 ? value + 1 : value))]));
  };
} // prettier-ignore

describe.skipIf(whole.blocks === null)('the probe of the internal kernels', () => {
  test('finds nothing wrong here', () => {
    expect(whole).toMatchObject({ faults: [], reason: null });
    expect(missing).toEqual([]);
  });

  test.each(['wrong', 'missing'] as const)('rules out pooling alone where its kernel is %s', async (how) => {
    const probe = await probeBlocks(spoiled(({ type }) => type === 'MaxPool', how));
    expect(probe.faults.map(({ kernel }) => kernel)).toEqual(['maxPool']);
    expect(BLOCKED_FORMS.filter((form) => probe.blocks?.forms.has(form) !== true)).toEqual([
      'maxPools',
      'pairedPools',
    ]);
  });

  test.each([
    [
      'convolutionRelu',
      ({ attributes }) => attributes.activation !== undefined,
      ['rectifications', 'pairedPools'],
    ],
    ['convolutionSum', ({ inputs }) => (inputs[3] ?? '') !== '', ['sums', 'maxPoolGradients', 'pairedPools']],
    ['globalAveragePool', ({ type }) => type === 'GlobalAveragePool', ['means', 'productSums']],
    [
      'reorderOutputChannelsFirst',
      ({ type, attributes }) => type === 'ReorderOutput' && attributes.channels_last === 0,
      ['channelsFirst'],
    ],
  ] as readonly [string, (node: OnnxModel['nodes'][number]) => boolean, readonly string[]][])(
    'rules out what needs %s, and nothing else',
    async (kernel, is, forms) => {
      const { faults, blocks, reason } = await probeBlocks(spoiled(is, 'wrong'));
      expect(faults.map((fault) => fault.kernel)).toContain(kernel);
      expect(reason).toBeNull();
      const without = BLOCKED_FORMS.filter((form) => blocks?.forms.has(form) !== true);
      expect(without).toEqual(BLOCKED_FORMS.filter((form) => forms.includes(form)));
    },
  );

  test('writes nothing on blocks where the convolution itself is wrong, and says why', async () => {
    const probe = await probeBlocks(spoiled(({ type, attributes }) => type === 'Conv' && attributes.group === 1, 'wrong'));
    expect(probe.blocks).toBeNull();
    expect(probe.reason).toContain('convolution, pointConvolution cannot be used');
  }); // prettier-ignore

  test('writes nothing on blocks where only a whole net shows the fault', async () => {
    const probe = await probeBlocks(spoiled((_node, { nodes }) => nodes.length > 20, 'wrong'));
    expect(probe).toMatchObject({ blocks: null, faults: [], reason: expect.stringContaining('of a small net is off by') as string });
  }); // prettier-ignore

  test('writes nothing on blocks where the runtime has none', async () => {
    const probe = await probeBlocks(spoiled(() => true, 'missing'));
    expect(probe).toMatchObject({ blocks: null, faults: [] });
    expect(probe.reason).toContain('no blocks');
  });
});
