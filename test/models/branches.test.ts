import { describe as group, expect, it } from 'vitest';
import { withCopies, withExits } from '../../src/models/branches.ts';
import { describe } from '../../src/models/describe.ts';
import { generatorGraph } from '../../src/models/generator.ts';
import { initialParameters } from '../../src/models/initialize.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';

const resnet = buildArchitecture('resnet8', [32, 32, 3], 10, {});

group('copies of the upper part of a model', () => {
  const branched = withCopies(resnet, 3, 'stage2');

  it('share everything up to the branching, and nothing above it', () => {
    const own = describe(resnet);
    const upper = own.layers.filter(({ path }) => /^(stage3|head)/.test(path));
    const size = upper.reduce((sum, { parameters }) => sum + parameters, 0);
    expect(describe(branched.graph).parameters).toBe(own.parameters + 2 * size);
    expect(branched.trunk).toBe('stage2.block0.relu2');
    expect(branched.members.map(({ logits }) => logits)).toEqual([
      'head.fc',
      'branch2.head.fc',
      'branch3.head.fc',
    ]);
  });

  it('start differently, and leave the model itself as it starts alone', () => {
    const values = initialParameters(branched.graph, 1, 'student');
    expect(values['branch2.head.fc/kernel']).not.toEqual(values['head.fc/kernel']);
    for (const [name, data] of Object.entries(initialParameters(resnet, 1, 'student')))
      expect(values[name]).toEqual(data);
  });

  it('are refused after a layer that others pass by', () => {
    expect(() => withCopies(resnet, 2, 'stage2.block0.conv1')).toThrow(/also reads/);
    expect(() => withCopies(resnet, 2, 'head.fc')).toThrow(/nothing comes after/);
  });
});

group('exits of a model', () => {
  it('are ordered from the deepest, and have the features of the model’s own end', () => {
    const { graph, members } = withExits(resnet, ['stage1', 'stage2']);
    const shapes = new Map(describe(graph).layers.map(({ path, shape }) => [path, shape]));
    expect(members.map(({ embedding }) => shapes.get(embedding))).toEqual([[64], [64], [64]]);
    expect(graph.layers.find(({ path }) => path === 'exit1.conv')?.inputs).toEqual(['stage2.block0.relu2']);
  });

  it('may leave after a vector too', () => {
    const mlp = buildArchitecture('mlp', [8, 8, 1], 10, { hidden: [12, 7] });
    const { graph, members } = withExits(mlp, ['hidden1']);
    expect(describe(graph).layers.find(({ path }) => path === members[1]?.embedding)?.shape).toEqual([7]);
  });
});

group('a generator', () => {
  it.each([
    [[28, 28, 1], 16],
    [[32, 32, 3], 8],
    [[5, 7, 2], 2],
  ])('makes images of %j', (shape, filters) => {
    const graph = generatorGraph(shape, 10, filters);
    const { layers, inputShape } = describe(graph);
    expect(inputShape).toEqual([10]);
    expect(layers.at(-1)?.shape).toEqual(shape);
  });
});
