import { describe as group, expect, it } from 'vitest';
import { checkGraph } from '../../src/models/check.ts';
import { describe } from '../../src/models/describe.ts';
import { ARCHITECTURES, buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { problemOf } from './problem-of.ts';

const CIFAR = [32, 32, 3];

group('the zoo', () => {
  /**
   * Trainable parameters in millions as published: He et al. 2016, table 6, for CIFAR-10, whose shortcuts have no parameters
   * (ours: 16*32 + 32*64 weights and two normalisations of 32 and 64 channels).
   */
  it.each([
    ['resnet20', '0.27'],
    ['resnet32', '0.46'],
    ['resnet56', '0.85'],
  ])('%s has the published %s million parameters, apart from its shortcuts', (name, published) => {
    const shortcuts = 16 * 32 + 32 * 64 + 2 * (32 + 64);
    const { parameters } = describe(buildArchitecture(name, CIFAR, 10));
    expect(((parameters - shortcuts) / 1e6).toFixed(2)).toBe(published);
  });

  /**
   * Tian et al. 2020 (Contrastive representation distillation), table of the CIFAR-100 models with option-B shortcuts, which
   * gives vgg8 as 3.96 (cut, not rounded: 3,965,028); Zagoruyko and Komodakis 2017 (Attention transfer), table 1, for CIFAR-10.
   */
  it.each([
    ['resnet20', 100, '0.28'],
    ['resnet32', 100, '0.47'],
    ['resnet56', 100, '0.86'],
    ['wrn-16-2', 100, '0.70'],
    ['wrn-40-2', 100, '2.26'],
    ['wrn-16-1', 10, '0.2'],
    ['wrn-16-2', 10, '0.7'],
    ['wrn-40-2', 10, '2.2'],
    ['vgg8', 100, '3.965'],
  ])('%s for %i classes has the published %s million parameters', (name, classes, published) => {
    const { parameters } = describe(buildArchitecture(name, CIFAR, classes));
    const digits = published.split('.')[1]?.length ?? 0;
    expect((parameters / 1e6).toFixed(digits)).toBe(published);
  });

  /**
   * Multiply-adds in the pruning literature, whose shortcuts have no convolutions (He et al. 2019, FPGM, table 1:
   * 4.06e7, 6.89e7, 1.25e8). Our two 1x1 shortcuts come on top: 16*32*16*16 + 32*64*8*8.
   */
  it.each([
    ['resnet20', 4.06e7],
    ['resnet32', 6.89e7],
    ['resnet56', 1.25e8],
  ])('%s needs the published multiply-adds, apart from its shortcuts', (name, published) => {
    const shortcuts = 16 * 32 * 256 + 32 * 64 * 64;
    const { multiplyAdds } = describe(buildArchitecture(name, CIFAR, 10));
    expect((multiplyAdds - shortcuts) / published).toBeCloseTo(1, 2);
  });

  it('counts small networks as by hand', () => {
    const mlp = describe(buildArchitecture('mlp', [28, 28, 1], 10, { hidden: [100] }));
    expect(mlp.parameters).toBe(784 * 100 + 100 + 100 * 10 + 10);
    expect(mlp.multiplyAdds).toBe(784 * 100 + 100 * 10);
    const convnet = describe(buildArchitecture('convnet', [28, 28, 1], 10));
    const convolutions = 25 * 6 + 6 + 25 * 6 * 16 + 16;
    const dense = (7 * 7 * 16 + 1) * 120 + 121 * 84 + 85 * 10;
    expect(convnet.parameters).toBe(convolutions + dense);
    expect(convnet.multiplyAdds).toBe(25 * 6 * 784 + 25 * 6 * 16 * 196 + 784 * 120 + 120 * 84 + 840);
  });

  const sizes = [
    [28, 28, 1],
    [32, 32, 3],
    [17, 40, 3],
    [64, 64, 4],
  ];
  // Networks that answer with images have tests of their own.
  const classifiers = ARCHITECTURES.filter(({ family }) => family.answers !== 'images');
  it.each(classifiers.map((architecture) => architecture.name))('%s is well formed for any image', (name) => {
    for (const size of sizes) {
      for (const classes of [2, 37]) {
        const graph = buildArchitecture(name, size, classes);
        expect(checkGraph(graph)).toEqual([]);
        const description = describe(graph);
        expect(description.classes).toBe(classes);
        expect(description.inputShape).toEqual(size);
      }
    }
  });

  it('names stages whose outputs halve from one to the next', () => {
    const graph = buildArchitecture('resnet8', CIFAR, 10);
    const shapes = new Map(describe(graph).layers.map((layer) => [layer.path, layer.shape]));
    const stages = ['stem', 'stage1', 'stage2', 'stage3'].map((name) =>
      shapes.get(graph.aliases[name] ?? ''),
    );
    expect(stages).toEqual([
      [32, 32, 16],
      [32, 32, 16],
      [16, 16, 32],
      [8, 8, 64],
    ]);
    expect(shapes.get('stage1.block0.conv1')).toEqual([32, 32, 16]);
  });

  it('makes resnet8 with a width of its own', () => {
    const graph = buildArchitecture('resnet', CIFAR, 10, { depth: 8, width: 8 });
    expect(graph.architecture).toBe('resnet8(width 8)');
    expect(describe(graph).layers.find((layer) => layer.path === 'stage3.block0.conv2')?.shape).toEqual([
      8, 8, 32,
    ]);
  });

  it('pools images from 64x64 once more in vgg', () => {
    const shapeOf = (size: number) =>
      describe(buildArchitecture('vgg8', [size, size, 3], 10)).layers.find(
        (layer) => layer.path === 'stage5.relu1',
      )?.shape;
    expect(shapeOf(32)).toEqual([4, 4, 512]);
    expect(shapeOf(64)).toEqual([4, 4, 512]);
  });

  it('adds dropout to a wide residual network only when asked', () => {
    const kinds = (settings: object) =>
      buildArchitecture('wrn-16-1', CIFAR, 10, { ...settings }).layers.filter(
        (layer) => layer.operation.kind === 'dropout',
      );
    expect(kinds({})).toHaveLength(0);
    expect(kinds({ dropout: 0.3 })).toHaveLength(6);
  });

  it.each([
    ['resnet21', CIFAR, {}, 'KD2110', 'did you mean "resnet20"'],
    ['resnet', CIFAR, { depth: 21 }, 'KD2111', 'depth 21'],
    ['wrn', CIFAR, { depth: 12 }, 'KD2111', 'depth 12'],
    ['vgg', CIFAR, { depth: 9 }, 'KD2111', 'depth 9'],
    ['vgg8', [7, 32, 3], {}, 'KD2109', '8x8'],
    ['convnet', [3, 3, 1], {}, 'KD2109', '4x4'],
    ['mlp', [784], {}, 'KD2109', 'height'],
  ])('refuses %s on %s with %s', (name, shape, settings, code, words) => {
    const problem = problemOf(() => buildArchitecture(name, shape, 10, settings));
    expect(problem.code).toBe(code);
    expect(problem.message).toContain(words);
    expect(problem.help).not.toBe('');
  });
});
