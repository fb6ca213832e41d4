import { choice, integer, list, number, object } from '../../schema/field.ts';
import { defineFamily, requireSize } from './family.ts';
import { GraphBuilder } from './graph-builder.ts';

/**
 * A hierarchical mixture of experts that takes every class as a task of its own (Xue et al. 2021):
 *
 *     x^{l+1}_i = Σ_j D_l[i, j] · E_{l,j}(x^l_j),   D_l = softmax_row(G_l / (½ t))       i: experts of the next level, at last the classes
 *     E: conv 3x3 -> batch norm -> relu -> conv 3x3 -> batch norm -> relu -> max pool
 *     z_c = dense(relu(dense(... x^{last}_c)))                                           one number a class
 *
 * `level1` means what the first expert of that level yields; gates are `gate<l>.to<i>` and `gate<last>.class<c>`.
 */
export const experts = defineFamily({
  name: 'experts',
  summary:
    'Hierarchical mixture of experts, one binary task a class, whose gates explain what a teacher changes.',
  paper: {
    title: 'KDExplainer: A Task-oriented Attention Model for Explaining Knowledge Distillation',
    authors: 'Xue, Song, Wang, Chen, Wang, Song',
    where: 'IJCAI 2021',
    arxiv: '2105.04181',
  },
  settings: object(
    {
      experts: list(integer({ doc: 'Experts of one level.', minimum: 1, maximum: 64 }), {
        doc: 'Experts of each level, from the image to the classes. Each level halves the image.',
        default: [2, 4, 8],
        source: 'the authors’ code; the paper’s figure shows four at each level',
        minimumLength: 1,
        maximumLength: 6,
      }),
      filters: list(integer({ doc: 'Filters of one level.', minimum: 1, maximum: 2048, unit: 'filters' }), {
        doc: 'Filters of the experts of each level; the last number stands for all further ones.',
        default: [64, 64, 32],
        source: 'the authors’ code',
        minimumLength: 1,
        maximumLength: 6,
      }),
      hidden: list(
        integer({ doc: 'Units of one dense layer.', minimum: 1, maximum: 16_384, unit: 'units' }),
        {
          doc: 'Units of the dense layers of each class before its answer.',
          default: [128, 128],
          source: 'the authors’ code',
          maximumLength: 8,
        },
      ),
      dropout: number({
        doc: 'Share of the dense units of a class that is dropped while training.',
        default: 0.15,
        minimum: 0,
        exclusiveMaximum: 1,
        source: 'the authors’ code',
      }),
      temperature: number({
        doc: 'Temperature t of the gates at the beginning.',
        default: 10,
        exclusiveMinimum: 0,
        maximum: 1e6,
        source: 'the authors’ code: 10 / epoch',
      }),
      annealingSteps: integer({
        doc: 'Steps of training after which t is half of that, then a third, and so on. 0: it stays.',
        unit: 'steps',
        default: 391,
        minimum: 0,
        maximum: 1e9,
        source: 'the authors’ code: 10 / epoch, an epoch of 50,000 images in batches of 128',
      }),
      gates: choice(
        {
          soft: 'Every expert has a share, and shares are learned.',
          tree: 'All goes to the expert with the largest score, and scores stay: the second stage.',
        },
        { doc: 'How gates share out.', default: 'soft', source: 'the authors’ code: `soft`, then `tree`' },
      ),
    },
    { doc: 'A tree of experts with learned gates.' },
  ),
  formula: [
    'x_i of the next level = Σ_j D[i, j] · E_j(x_j)        D = softmax_row(G / (½ t)),  t = temperature / (1 + steps / annealingSteps)',
    'E: conv 3x3 → batch norm → ReLU → conv 3x3 → batch norm → ReLU → max pool',
    'z_c = dense(… x_c)                                    one number a class',
    'gates/<level>/entropy = −1/n Σ_i Σ_j D[i, j] log D[i, j];  gates/<level>/overlap = mean cosine of two rows of D',
    'conflicts[a][b] = cos(g_a, g_b),  g_c = ∇ BCE(sigmoid(z_c), 1[y = c]) with respect to the kernels of all experts',
  ].join('\n'),
  figure: [
    'image ─┬─ expert 1.1 ─┐         ┌─ expert 2.1 ─┐         ┌─ … ─┐         ┌─ class 0 ─ z_0',
    '       │              ├─ gates ─┤      …       ├─ gates ─┤     ├─ gates ─┤    …',
    '       └─ expert 1.2 ─┘         └─ expert 2.4 ─┘         └─ … ─┘         └─ class 9 ─ z_9',
  ].join('\n'),
  notes: [
    'The paper reads its explanation off the gates: with a teacher they become sparser, so that experts specialise and the tasks of the classes conflict less. Gates and conflicts of student and baseline stand side by side in the records and in the panel.',
    'Inferred: the number of conflicts, by the gradients of the binary tasks; the anneal of the temperature by steps and not by epochs; flattened maps of any size in place of a 7x7 pooling, which here would enlarge them.',
    'In the authors’ code a second stage makes a tree of the gates and trains all other weights anew. Here a phase of a model with `gates: tree` that `continues` goes on from the weights.',
    'The authors’ loss: 0.1 of the hard labels and 0.9 of kd at temperature 4; Adam at 0.05 (gates 0.01), 300 epochs, batches of 128. One rate for both here.',
    'Conflicts take one backward pass a class over 16 images after every epoch, and are left out beyond 20 classes.',
    'Beside it stands the module `vam`, the plug-in of the same paper for any convolution.',
  ],
  presets: [],
  build(
    inputShape,
    classes,
    { experts: levels, filters, hidden, dropout, temperature, annealingSteps, gates },
  ) {
    const architecture = `experts(${levels.join('-')})`;
    requireSize(architecture, inputShape, 2 ** levels.length);
    const graph = new GraphBuilder(inputShape);
    const gate = (path: string, inputs: readonly string[]) =>
      graph.add(
        path,
        {
          kind: 'gate',
          experts: inputs.length,
          temperature,
          annealingSteps: annealingSteps === 0 ? null : annealingSteps,
          tree: gates === 'tree',
        },
        ...inputs,
      );
    // Both experts of the first level see the image.
    let read: readonly string[] = Array.from({ length: levels[0] ?? 1 }, () => graph.input);
    levels.forEach((_, level) => {
      const width = filters[Math.min(level, filters.length - 1)] ?? 1;
      const yielded = read.map((x, index) => expert(graph, `level${level + 1}.expert${index + 1}`, x, width));
      graph.alias(`level${level + 1}`, yielded[0] ?? graph.input);
      const next = levels[level + 1];
      read =
        next === undefined
          ? Array.from({ length: classes }, (_class, c) => gate(`gate${level + 1}.class${c}`, yielded))
          : Array.from({ length: next }, (_expert, i) => gate(`gate${level + 1}.to${i + 1}`, yielded));
    });
    const heads = read.map((x, c) => head(graph, `class${c}`, x, hidden, dropout));
    const embedding = joined(
      graph,
      'head.embedding',
      heads.map(({ embedding: own }) => own),
    );
    const logits = joined(
      graph,
      'head.logits',
      heads.map(({ logit }) => logit),
    );
    return graph.finished(architecture, embedding, logits);
  },
});

function expert(graph: GraphBuilder, path: string, input: string, filters: number): string {
  let x = input;
  for (const half of [1, 2])
    x = graph.relu(
      `${path}.relu${half}`,
      graph.batchNorm(`${path}.bn${half}`, graph.conv(`${path}.conv${half}`, x, filters, 3)),
    );
  return graph.maxPool(`${path}.pool`, x);
}

/** The dense layers of one class, down to its one number. */
function head(graph: GraphBuilder, path: string, input: string, hidden: readonly number[], rate: number) {
  let x = graph.add(`${path}.flatten`, { kind: 'flatten' }, input);
  hidden.forEach((units, index) => {
    x = graph.relu(`${path}.relu${index + 1}`, graph.dense(`${path}.fc${index + 1}`, x, units));
    if (rate > 0) x = graph.add(`${path}.dropout${index + 1}`, { kind: 'dropout', rate }, x);
  });
  return { embedding: x, logit: graph.dense(`${path}.fc`, x, 1) };
}

/** Vectors of all classes side by side. */
function joined(graph: GraphBuilder, path: string, parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] ?? '') : graph.add(path, { kind: 'concat' }, ...parts);
}
