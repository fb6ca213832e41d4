import { join } from 'node:path';
import { loadExperiment } from '../../src/config/load.ts';
import { loadDataset } from '../../src/data/dataset.ts';
import type { Method } from '../../src/methods/method.ts';

const SAMPLE = join(import.meta.dirname, '../../media/sample/data');
const STAGES = ['stage1', 'stage2'];
/** Words of the same digits in another order, and networks that read them frame by frame. */
const WORDS = ['01', '10', '07', '70', '17', '71'];
const reader = (filters: string) => `{ convnet: { filters: [${filters}], hidden: [] } }, modules: [ctc]`;

/** A term of a method with what it needs, on two residual networks of equal widths. */
function termOf({ name, needs }: Method): string {
  const least = Math.max(1, needs.pairs?.minimum ?? needs.layers?.minimum ?? 1);
  const layers =
    needs.pairs?.rank === 'vector'
      ? ['embedding']
      : needs.teacherWeights === 'classifier'
        ? ['stage3']
        : needs.words === true
          ? ['frames']
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
  // Peers that learn by themselves are no exits of one network.
  if (pair.some(({ name }) => name === 'byot')) return '{ branches: { exits: [stage1, stage2] } }';
  if (group.some(({ needs }) => needs.group?.trunk !== undefined) || group.length > 1)
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

/**
 * An experiment with a term of each method, on two residual networks of equal widths and the digits of the sample; of a method that
 * reads words, on two convnets and the sample's words.
 */
export function configOf(
  methods: readonly Method[],
  { limit, teacherEpochs, training }: CatalogueConfig,
): string {
  const scheme = schemeOf(methods);
  const reads = methods.some(({ needs }) => needs.words === true);
  const answers = methods.some(({ needs }) => needs.passes === true) ? ', modules: [{ bayesian: {} }]' : '';
  const residual = '{ resnet: { depth: 8, width: 4 } }';
  const [teaches, learns] = reads ? [reader('8, 12'), reader('4, 6')] : [`${residual}${answers}`, residual];
  const [inputs, labels] = reads ? ['words-idx3', 'word-labels-idx1'] : ['images-idx3', 'labels-idx1'];
  const file = (name: string) => join(SAMPLE, `${name}-ubyte.gz`);
  const teacher = scheme.includes('online')
    ? []
    : [`  teacher: { architecture: ${teaches}, train: { epochs: ${teacherEpochs} } }`];
  return [
    'data:',
    '  format: idx',
    `  train: { inputs: ${file(`train-${inputs}`)}, labels: ${file(`train-${labels}`)} }`,
    `  test: { inputs: ${file(`t10k-${inputs}`)}, labels: ${file(`t10k-${labels}`)} }`,
    ...(reads ? [`  classes: [${WORDS.map((word) => `'${word}'`).join(', ')}]`] : []),
    '  validation: { fraction: 0.2 }',
    '  strongAugment: [{ randomCrop: { padding: 3 } }]',
    `  limit: { train: ${limit.train}, test: ${limit.test} }`,
    'models:',
    ...teacher,
    `  student: { architecture: ${learns} }`,
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

/** The experiment of `configOf`, ready to be trained, and what is said of its file. Throws where that has an error. */
export async function catalogueRun(methods: readonly Method[], config: CatalogueConfig) {
  const file = join('/', 'catalogue.kd.yaml');
  const { experiment, diagnostics } = loadExperiment({ file, text: configOf(methods, config), root: '/' });
  if (experiment === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const dataset = await loadDataset(experiment.data, { root: '/', seed: 1, cacheFolder: null });
  return { experiment, dataset, diagnostics };
}
