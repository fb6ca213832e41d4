import { join } from 'node:path';
import type { Method } from '../../src/methods/method.ts';

const SAMPLE = join(import.meta.dirname, '../../media/sample/data');
const STAGES = ['stage1', 'stage2'];

/** A term of a method with what it needs, on two residual networks of equal widths. */
function termOf({ name, needs }: Method): string {
  const least = Math.max(1, needs.pairs?.minimum ?? needs.layers?.minimum ?? 1);
  const layers =
    needs.pairs?.rank === 'vector'
      ? ['embedding']
      : needs.teacherWeights === 'classifier'
        ? ['stage3']
        : STAGES.slice(-Math.min(least, 2));
  const teacher = (layer: string) => (needs.teacherWeights === 'batchNorm' ? `${layer}.block0.add` : layer);
  const settings = [
    ...(needs.pairs === undefined
      ? []
      : [`pairs: [${layers.map((layer) => `[${teacher(layer)}, ${layer}]`).join(', ')}]`]),
    ...(needs.layers === undefined ? [] : [`layers: [${layers.join(', ')}]`]),
    ...(name === 'ft' || name === 'ftOfficial' || name === 'mhgd' ? ['aheadEpochs: 1'] : []),
    ...(name === 'crd' ? ['negatives: 4'] : []),
    ...(name === 'kdexplainerHier' ? ['clusters: [[[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]]'] : []),
  ];
  return `    - ${name}: { ${settings.join(', ')} }`;
}

/** A scheme that has what both methods need, where one has. */
function schemeOf(pair: readonly Method[]): string {
  const group = pair.filter(({ needs }) => needs.group !== undefined);
  if (group.some(({ needs }) => needs.group?.trunk === true) || group.length > 1)
    return '{ branches: { copies: { count: 3, at: stage2 } } }';
  if (group.length > 0) return '{ online: { peers: 3 } }';
  return pair.some(({ opponent, needs }) => opponent !== undefined && needs.cycle === true)
    ? '{ online: { peers: 2 } }'
    : 'offline';
}

export interface CatalogueConfig {
  readonly limit: { readonly train: number; readonly test: number };
  readonly teacherEpochs: number;
  /** Settings of `train`. */
  readonly training: string;
}

/** An experiment with a term of each method, on two residual networks of equal widths and the digits of the sample. */
export function configOf(
  methods: readonly Method[],
  { limit, teacherEpochs, training }: CatalogueConfig,
): string {
  const scheme = schemeOf(methods);
  const file = (name: string) => join(SAMPLE, `${name}-ubyte.gz`);
  const teacher = scheme.includes('online')
    ? []
    : [
        `  teacher: { architecture: { resnet: { depth: 8, width: 4 } }, train: { epochs: ${teacherEpochs} } }`,
      ];
  return [
    'data:',
    '  format: idx',
    `  train: { inputs: ${file('train-images-idx3')}, labels: ${file('train-labels-idx1')} }`,
    `  test: { inputs: ${file('t10k-images-idx3')}, labels: ${file('t10k-labels-idx1')} }`,
    '  validation: { fraction: 0.2 }',
    '  strongAugment: [{ randomCrop: { padding: 3 } }]',
    `  limit: { train: ${limit.train}, test: ${limit.test} }`,
    'models:',
    ...teacher,
    '  student: { architecture: { resnet: { depth: 8, width: 4 } } }',
    'distill:',
    `  scheme: ${scheme}`,
    ...(teacher.length === 0 ? [] : ['  from: teacher']),
    '  match:',
    ...methods.map(termOf),
    `train: { ${training} }`,
    'compare: { baseline: false }',
    'measure: { gap: false, similarity: false }',
    '',
  ].join('\n');
}
