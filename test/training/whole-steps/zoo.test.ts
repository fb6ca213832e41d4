import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { lowerToOnnx } from '../../../src/compiler/onnx/lower.ts';
import { BLOCKED } from '../../../src/compiler/onnx/model.ts';
import { optimize } from '../../../src/compiler/optimize.ts';
import { tf } from '../../../src/compiler/tfjs.ts';
import { trace } from '../../../src/compiler/trace.ts';
import { usableBlocks } from '../../../src/executors/usable-blocks.ts';
import { onnxCpu } from '../../../src/executors/onnx-cpu.ts';
import { ARCHITECTURES } from '../../../src/models/zoo/zoo.ts';
import { trainStep } from '../../../src/training/train-step.ts';
import { IS_SOAK } from '../../support/counts.ts';
import { expectAgreement } from './agreement.ts';
import { compiledTrajectory } from './compiled.ts';
import { eagerTrajectory } from './eager.ts';
import type { Work } from './work.ts';
import { CLEAR_OF_ZERO, SMALL_MODELS, smallModel, smallWork } from './zoo.ts';

beforeAll(() => tf.setBackend('cpu'));

const SOAK_MILLISECONDS = 600_000;
const TOLERANCE = { loss: 1e-5, move: 3e-4 };
const plain = onnxCpu({ threads: 1, spinning: false, blocked: false });
const blocked = onnxCpu({ threads: 1, spinning: false });

async function expectEagerSteps(work: Work, executor = plain): Promise<void> {
  const want = eagerTrajectory(work);
  expect(want.nearestToZero, 'the distance of activations from zero').toBeGreaterThan(CLEAR_OF_ZERO);
  expectAgreement(await compiledTrajectory(work, executor), want, work, TOLERANCE);
}

function onlyInSoak(context: TestContext): void {
  if (!IS_SOAK) context.skip('takes minutes in eager TensorFlow.js: run with npm run test:soak');
}

describe('training with momentum has the losses, weights and statistics of eager TensorFlow.js', () => {
  it('for every model of the zoo', () => {
    // Those that answer with images are in test/training/reconstruction.test.ts.
    const classifiers = ARCHITECTURES.filter(({ family }) => family.answers !== 'images');
    const families = new Set(classifiers.map(({ family }) => family.name));
    const presets = classifiers.map(({ name }) => name);
    // A family with presets is there by each of them.
    const wanted = presets.filter((name) => !families.has(name) || name === 'mlp' || name === 'convnet');
    expect(SMALL_MODELS.map(({ name }) => name).sort()).toEqual(wanted.sort());
  });

  it.each(SMALL_MODELS)('$name, 3 steps', async (model) => {
    await expectEagerSteps(smallWork(model, { batch: 2, steps: 3 }));
  });

  it.each(['mlp', 'convnet', 'resnet8'])('%s, 20 steps', async (name) => {
    await expectEagerSteps(smallWork(smallModel(name), { batch: 2, steps: 20 }));
  });
});

describe('on blocks of channels', () => {
  const onBlocks = async (context: TestContext, work: Work) => {
    const blocks = await usableBlocks();
    if (blocks === null) context.skip('this processor has no convolutions on blocks of channels');
    const { step, specs } = trainStep(work.plan, work.batch);
    const { nodes } = lowerToOnnx(optimize(trace('step', step, specs)), blocks);
    expect(nodes.filter(({ domain }) => domain === BLOCKED).length).toBeGreaterThan(20);
    await expectEagerSteps(work, blocked);
  };

  it('resnet8, 16 filters wide, has them too', async (context) => {
    const model = { ...smallModel('resnet8'), settings: { width: 16 }, size: 4 };
    await onBlocks(context, smallWork(model, { batch: 16, steps: 2 }));
  });

  it.for([
    { ...smallModel('resnet20'), settings: { width: 16 } },
    { ...smallModel('wrn-16-1'), settings: { base: 16 } },
    { ...smallModel('vgg8'), size: 8 },
  ])(
    '$name, 16 filters wide and with a smooth activation, has them too',
    { timeout: SOAK_MILLISECONDS },
    async (model, context) => {
      onlyInSoak(context);
      await onBlocks(context, smallWork(model, { batch: 16, steps: 3, smooth: true }));
    },
  );
});
