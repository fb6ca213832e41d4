import { describe as group, expect, it } from 'vitest';
import { checkGraph } from '../../src/models/check.ts';
import { describe } from '../../src/models/describe.ts';
import type { Layer, LayerOperation, ModelGraph } from '../../src/models/description.ts';
import { closestNames, didYouMean } from '../../src/schema/suggest.ts';
import { findLayer, layerNames, resolveLayer } from '../../src/models/names.ts';
import { modelAsText } from '../../src/models/text.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { problemOf } from './problem-of.ts';

const CONV: LayerOperation = {
  kind: 'conv2d',
  filters: 4,
  size: [3, 3],
  strides: [1, 1],
  padding: 'same',
  bias: true,
  groups: 1,
};

/** input -> conv -> pool -> fc, with layers changed or added by path. */
function handmade(changes: Record<string, Partial<Layer>> = {}, rest: Partial<ModelGraph> = {}): ModelGraph {
  const layers: Layer[] = [
    { path: 'input', operation: { kind: 'input', shape: [8, 8, 3] }, inputs: [] },
    { path: 'conv', operation: CONV, inputs: ['input'] },
    { path: 'pool', operation: { kind: 'globalAveragePool' }, inputs: ['conv'] },
    { path: 'fc', operation: { kind: 'dense', units: 5, bias: true }, inputs: ['pool'] },
  ];
  return {
    architecture: 'handmade',
    layers: layers.map((layer) => ({ ...layer, ...changes[layer.path] })),
    aliases: { body: 'conv' },
    input: 'input',
    logits: 'fc',
    embedding: 'pool',
    ...rest,
  };
}

group('a model made by hand', () => {
  it('is described like any other', () => {
    expect(checkGraph(handmade())).toEqual([]);
    const description = describe(handmade());
    expect(description).toMatchObject({
      classes: 5,
      inputShape: [8, 8, 3],
      parameters: 27 * 4 + 4 + 4 * 5 + 5,
    });
    expect(description.multiplyAdds).toBe(64 * 27 * 4 + 20);
  });

  it.each<[string, ModelGraph, string, string]>([
    ['has no layers', handmade({}, { layers: [] }), 'KD2108', 'no layers'],
    ['has two layers of one name', handmade({ pool: { path: 'conv' } }), 'KD2102', '"conv"'],
    ['has a layer without a usable name', handmade({ conv: { path: 'my conv' } }), 'KD2107', '"my conv"'],
    [
      'reads a layer that is not there',
      handmade({ pool: { inputs: ['cnv'] } }),
      'KD2103',
      'did you mean "conv"',
    ],
    [
      'has a circle',
      handmade({ conv: { operation: { kind: 'add' }, inputs: ['input', 'pool'] } }),
      'KD2104',
      'pool -> conv -> pool',
    ],
    ['has a layer that reads itself', handmade({ conv: { inputs: ['conv'] } }), 'KD2104', 'conv -> conv'],
    [
      'lists a layer before its input',
      handmade({}, { layers: [...handmade().layers].reverse() }),
      'KD2104',
      '"fc"',
    ],
    [
      'gives a layer too few inputs',
      handmade({ conv: { operation: { kind: 'add' } } }),
      'KD2105',
      'at least 2',
    ],
    ['gives a layer too many inputs', handmade({ pool: { inputs: ['conv', 'input'] } }), 'KD2105', 'needs 1'],
    [
      'adds different shapes',
      handmade({ pool: { operation: { kind: 'add' }, inputs: ['conv', 'input'] } }),
      'KD2106',
      '8x8x4 and 8x8x3',
    ],
    [
      'puts a dense layer on a map',
      handmade({ fc: { inputs: ['conv'] } }),
      'KD2106',
      'layer "fc" (dense) reads a map of 8x8x4',
    ],
    [
      'has a window larger than its input',
      handmade({ conv: { operation: { ...CONV, size: [9, 3], padding: 'valid' } } }),
      'KD2106',
      '8x8',
    ],
    [
      'has groups that do not divide',
      handmade({ conv: { operation: { ...CONV, groups: 2 } } }),
      'KD2106',
      '2 groups',
    ],
    [
      'has a setting out of range',
      handmade({ conv: { operation: { ...CONV, filters: 0 } } }),
      'KD2107',
      'filters',
    ],
    [
      'has a fractional stride',
      handmade({ conv: { operation: { ...CONV, strides: [0.5, 1] } } }),
      'KD2107',
      'strides',
    ],
    [
      'has a negative padding',
      handmade({ conv: { operation: { ...CONV, padding: [0, 0, -1, 0] } } }),
      'KD2107',
      'padding',
    ],
    ['drops everything', handmade({ conv: { operation: { kind: 'dropout', rate: 1 } } }), 'KD2107', 'rate'],
    ['has no such input', handmade({}, { input: 'conv' }), 'KD2108', '"conv"'],
    ['has logits that are a map', handmade({}, { logits: 'conv' }), 'KD2108', '8x8x4'],
    [
      'has an embedding that is not there',
      handmade({}, { embedding: 'nowhere' }),
      'KD2108',
      'does not exist',
    ],
    ['has a short name for nothing', handmade({}, { aliases: { stage1: 'nowhere' } }), 'KD2101', '"stage1"'],
    ['has a short name that is a layer', handmade({}, { aliases: { pool: 'conv' } }), 'KD2102', '"pool"'],
    [
      'needs more memory than there is',
      handmade({
        input: { operation: { kind: 'input', shape: [1000, 1000, 3] } },
        conv: { operation: { ...CONV, filters: 1_000_000 } },
      }),
      'KD2112',
      '1000x1000x1000000',
    ],
  ])('that %s is refused, naming the layer', (_name, graph, code, words) => {
    const problems = checkGraph(graph);
    expect(problems.map((problem) => problem.code)).toContain(code);
    expect(problems.map((problem) => problem.message).join('\n')).toContain(words);
    expect(problemOf(() => describe(graph))).toEqual(problems[0]);
  });

  it('of 20,000 layers in a row is checked without running out of stack', () => {
    const chain = Array.from({ length: 19_000 }, (_, i): Layer => ({
      path: `relu${i}`,
      operation: { kind: 'activation', function: 'relu' },
      inputs: [i === 0 ? 'relu18999' : `relu${i - 1}`],
    }));
    const [first, ...others] = handmade().layers;
    const graph = handmade({}, { layers: [...(first === undefined ? [] : [first]), ...chain, ...others] });
    expect(checkGraph(graph)[0]?.code).toBe('KD2104');
  });
});

group('layer names', () => {
  const graph = buildArchitecture('resnet8', [32, 32, 3], 10);

  it('are stages first, then every path, each once', () => {
    const names = layerNames(graph);
    expect(names.slice(0, 3)).toEqual(['stem', 'stage1.block0', 'stage1']);
    expect(names).toContain('stage2.block0.shortcut.conv');
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(findLayer(graph, name)).not.toBeNull();
  });

  it('of stages mean the output of the stage', () => {
    expect(resolveLayer(graph, 'stage2').path).toBe('stage2.block0.relu2');
    expect(resolveLayer(graph, 'logits').path).toBe('head.fc');
    expect(resolveLayer(graph, 'embedding').path).toBe('head.pool');
  });

  it.each([
    ['stage4', 'stage3'],
    ['stage1.block0.con1', 'stage1.block0.conv1'],
    ['toString', ''],
    ['__proto__', ''],
  ])('that do not exist (%s) get a suggestion and the list', (name, suggestion) => {
    const problem = problemOf(() => resolveLayer(graph, name));
    expect(problem.code).toBe('KD2101');
    expect(problem.message).toContain(`layer "${name}" does not exist in resnet8`);
    if (suggestion === '') expect(problem.message).not.toContain('did you mean');
    else expect(problem.message).toContain(`did you mean "${suggestion}`);
    expect(problem.help).toBe(
      'Use one of: stem, stage1, stage2, stage3, embedding, logits, or a path such as head.fc.',
    );
  });
});

group('suggestions', () => {
  it.each([
    ['resnet2', ['resnet20', 'resnet8', 'vgg8'], 'resnet20'],
    ['temprature', ['temperature', 'weight', 'pairs'], 'temperature'],
    ['tpye', ['type', 'tape'], 'type'],
    ['Stage2', ['stage1', 'stage2'], 'stage2'],
    ['conv1', ['stage1.block0.conv1', 'fc'], 'stage1.block0.conv1'],
  ])('for %s put the meant name first', (name, candidates, best) => {
    expect(closestNames(name, candidates)[0]).toBe(best);
    expect(didYouMean(name, candidates)).toBe(`; did you mean "${best}"?`);
  });

  it('are none where nothing is close, or the name is absurdly long', () => {
    expect(closestNames('wombat', ['temperature', 'weight'])).toEqual([]);
    expect(closestNames('', ['a'])).toEqual([]);
    expect(closestNames('x'.repeat(1_000_000), ['x'])).toEqual([]);
    expect(didYouMean('wombat', ['temperature'])).toBe('');
  });
});

group('a model as text', () => {
  it('is a table with a row for each layer and the sums below', () => {
    const lines = modelAsText(handmade()).split('\n');
    expect(lines).toEqual([
      'handmade: 8x8x3 -> 5 classes',
      'layer  kind               output  parameters  multiply-adds  reads  also called',
      'input  input              8x8x3',
      'conv   conv2d             8x8x4          112          6,912         body',
      'pool   globalAveragePool  4',
      'fc     dense              5               25             20',
      '                                         137          6,932',
    ]);
  });

  it('tells what a layer reads where it is not the one above', () => {
    const text = modelAsText(buildArchitecture('resnet8', [8, 8, 3], 10));
    expect(text).toMatch(/stage2\.block0\.add .* stage2\.block0\.bn2 \+ stage2\.block0\.shortcut\.bn/);
    expect(text).toMatch(/stage2\.block0\.relu2 .* stage2\.block0, stage2/);
  });
});
