import { ancestors } from './ancestors.ts';
import { describe } from './describe.ts';
import type { Layer, ModelGraph } from './description.ts';
import { resolveLayer } from './names.ts';
import { modelError } from './problems.ts';
import { GraphBuilder } from './zoo/graph-builder.ts';

/** Paths of what one member of a group says. */
export interface GroupMember {
  readonly logits: string;
  readonly embedding: string;
}

/** A model with the branches that it has while it trains. Its own layers keep their paths. */
export interface BranchedModel {
  readonly graph: ModelGraph;
  /** The model's own path first. */
  readonly members: readonly GroupMember[];
  /** The layer that all members grow from; null where they leave at several. */
  readonly trunk: string | null;
}

/**
 * Copies of everything after the layer `at` (Lan et al. 2018): `branch2.stage3.block0.conv1` and so on.
 * @throws UserError where a layer after `at` reads past it
 */
export function withCopies(graph: ModelGraph, count: number, at: string): BranchedModel {
  const trunk = resolveLayer(graph, at).path;
  const shared = ancestors(graph, [trunk]);
  const needed = ancestors(graph, [graph.logits, graph.embedding]);
  const upper = graph.layers.filter(({ path }) => needed.has(path) && !shared.has(path));
  const own = new Set(upper.map(({ path }) => path));
  for (const { path, inputs } of upper) {
    const past = inputs.find((input) => !own.has(input) && input !== trunk);
    if (past === undefined) continue;
    throw modelError(
      'unknownLayer',
      `${graph.architecture} cannot branch after "${at}": "${path}" also reads "${past}", which comes before it`,
      'Branch after a layer that everything above it passes through, such as a stage.',
    );
  }
  if (own.size === 0)
    throw modelError('unknownLayer', `nothing comes after "${at}"`, 'Branch after an earlier layer.');
  const prefixes = Array.from({ length: count - 1 }, (_, index) => `branch${index + 2}.`);
  const copies = prefixes.flatMap((prefix) =>
    upper.map((layer): Layer => ({
      ...layer,
      path: prefix + layer.path,
      inputs: layer.inputs.map((input) => (own.has(input) ? prefix + input : input)),
    })),
  );
  return {
    graph: { ...graph, layers: [...graph.layers, ...copies] },
    members: ['', ...prefixes].map((prefix) => ({
      logits: prefix + graph.logits,
      embedding: prefix + graph.embedding,
    })),
    trunk,
  };
}

/**
 * Exits after layers of the model (Zhang et al. 2019): a 1x1 convolution to as many channels as the embedding has features,
 * batch norm, ReLU, global average (for a vector: dense, ReLU), and a classifier. The bottleneck is simpler than the paper's
 * stack of separable convolutions (inferred). Members: the model's own end, then the exits from the deepest to the shallowest.
 */
export function withExits(graph: ModelGraph, at: readonly string[]): BranchedModel {
  const { layers, classes } = describe(graph);
  const shapes = new Map(layers.map(({ path, shape }) => [path, shape]));
  const width = shapes.get(graph.embedding)?.[0] ?? 1;
  const order = new Map(graph.layers.map(({ path }, index) => [path, index]));
  const places = [...new Set(at.map((name) => resolveLayer(graph, name).path))].sort(
    (a, b) => (order.get(b) ?? 0) - (order.get(a) ?? 0),
  );
  const added: Layer[] = [];
  const members = places.map((source, index): GroupMember => {
    const name = `exit${index + 1}`;
    const builder = new GraphBuilder([]);
    const isMap = shapes.get(source)?.length === 3;
    const reduced = isMap
      ? builder.batchNorm(`${name}.bn`, builder.conv(`${name}.conv`, source, width, 1))
      : builder.dense(`${name}.reduce`, source, width);
    const active = builder.relu(`${name}.relu`, reduced);
    const embedding = isMap ? builder.add(`${name}.pool`, { kind: 'globalAveragePool' }, active) : active;
    const logits = builder.dense(`${name}.fc`, embedding, classes);
    added.push(...builder.layers.slice(1));
    return { logits, embedding };
  });
  return {
    graph: { ...graph, layers: [...graph.layers, ...added] },
    members: [{ logits: graph.logits, embedding: graph.embedding }, ...members],
    trunk: null,
  };
}
