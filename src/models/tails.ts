import { ancestors } from './ancestors.ts';
import type { BranchedModel, GroupMember } from './branches.ts';
import type { Layer, ModelGraph, Shape } from './description.ts';
import { inferShapes } from './infer.ts';
import { resolveLayer } from './names.ts';
import { modelError } from './problems.ts';
import { shapeText } from './shapes.ts';
import { GraphBuilder } from './zoo/graph-builder.ts';

/** Where a tail is hung: after a layer of the trunk, in place of a layer of the model that the tail is made of. */
export interface TailPlace {
  readonly teacher: string;
  readonly student: string;
}

/** A trunk with tails, and under which names their weights are those of the model that they are made of. */
export interface TailedModel extends BranchedModel {
  /** Beginning of the paths of the longest tail, whose weights shorter ones share; null where each has its own. */
  readonly shared: string | null;
}

/**
 * The upper parts of `student`, each hung after a layer of `trunk` (Park et al. 2021):
 *
 *     z_i = head ∘ blocks after S_i (transform_i(T_i))
 *
 * transform_i: average pooling (or repeating) to the size of S_i, a 1x1 convolution to its channels and batch norm; for
 * vectors a dense layer; nothing between two images, where both networks answer with images and are cut where one stands (Matcha et al.
 * 2023). A layer of a tail may also read what the networks themselves read. Members: the trunk's own end, then the tails, the longest first.
 * @param shared true: all tails use the weights of the longest (Matcha et al. 2023); the transforms are always their own
 * @throws UserError where a layer is unknown, or one above S_i reads past it, the input of another shape included
 */
export function withTails(
  trunk: ModelGraph,
  student: ModelGraph,
  places: readonly TailPlace[],
  shared: boolean,
): TailedModel {
  const [ofTrunk, ofStudent] = [inferShapes(trunk), inferShapes(student)];
  const tails = places
    .map((place) => {
      const at = resolveLayer(student, place.student).path;
      const alike =
        shapeText(ofTrunk.get(trunk.input) ?? []) === shapeText(ofStudent.get(student.input) ?? []);
      return {
        from: resolveLayer(trunk, place.teacher).path,
        at,
        upper: upperLayers(student, at, alike ? student.input : null),
      };
    })
    .sort((a, b) => b.upper.length - a.upper.length);
  const added: Layer[] = [];
  const first = 'tail1.';
  const members = tails.map(({ from, at, upper }, index): GroupMember => {
    const prefix = `tail${index + 1}.`;
    const [given, wanted] = [ofTrunk.get(from) ?? [], ofStudent.get(at) ?? []];
    const images = [isImage(trunk, given), isImage(student, wanted)].every(Boolean);
    const start = images ? from : transform(added, `transform${index + 1}`, from, given, wanted);
    const own = new Set(upper.map(({ path }) => path));
    for (const layer of upper) {
      added.push({
        ...layer,
        path: prefix + layer.path,
        inputs: layer.inputs.map((input) => {
          if (own.has(input)) return prefix + input;
          return input === at ? start : trunk.input;
        }),
        ...(shared && prefix !== first ? { weights: first + layer.path } : {}),
      });
    }
    return {
      logits: prefix + student.logits,
      embedding: own.has(student.embedding) ? prefix + student.embedding : start,
    };
  });
  return {
    graph: { ...trunk, layers: [...trunk.layers, ...added] },
    members: [{ logits: trunk.logits, embedding: trunk.embedding }, ...members],
    trunk: null,
    shared: shared ? first : null,
  };
}

function isImage({ reconstructs }: ModelGraph, shape: Shape): boolean {
  return reconstructs !== undefined && shapeText(reconstructs) === shapeText(shape);
}

/**
 * Everything that is computed from `at` on the way to the logits.
 * @param also what it may read beside; null: nothing
 */
function upperLayers(graph: ModelGraph, at: string, also: string | null): readonly Layer[] {
  const below = ancestors(graph, [at]);
  const needed = ancestors(graph, [graph.logits]);
  const upper = graph.layers.filter(({ path }) => needed.has(path) && !below.has(path));
  const own = new Set(upper.map(({ path }) => path));
  if (own.size === 0)
    throw modelError(
      'unknownLayer',
      `nothing of ${graph.architecture} comes after "${at}"`,
      'Name an earlier layer.',
    );
  for (const { path, inputs } of upper) {
    const past = inputs.find((input) => !own.has(input) && input !== at && input !== also);
    if (past === undefined) continue;
    throw modelError(
      'unknownLayer',
      `a tail of ${graph.architecture} cannot begin after "${at}": "${path}" also reads "${past}", which comes before it`,
      'Begin after a layer that everything above it passes through, such as a stage.',
    );
  }
  return upper;
}

/** Brings what the trunk says to the shape that the tail reads. Returns the path of the result. */
function transform(added: Layer[], name: string, from: string, given: Shape, wanted: Shape): string {
  const builder = new GraphBuilder([]);
  const channels = wanted.at(-1) ?? 1;
  const end =
    wanted.length === 3 && given.length === 3
      ? builder.batchNorm(
          `${name}.bn`,
          builder.conv(`${name}.conv`, resized(builder, name, from, given, wanted), channels, 1),
        )
      : builder.dense(
          `${name}.fc`,
          given.length === 3 ? builder.add(`${name}.pool`, { kind: 'globalAveragePool' }, from) : from,
          channels,
        );
  if (wanted.length === 3 && given.length !== 3)
    throw modelError(
      'unknownLayer',
      `"${from}" yields a vector, and the tail reads a map`,
      'Name a layer before the pooling.',
    );
  added.push(...builder.layers.slice(1));
  return end;
}

function resized(builder: GraphBuilder, name: string, from: string, given: Shape, wanted: Shape): string {
  const [height = 1, width = 1] = given;
  const [h = 1, w = 1] = wanted;
  if (height === h && width === w) return from;
  if (height % h === 0 && width % w === 0) {
    const size = [height / h, width / w] as const;
    return builder.add(`${name}.pool`, { kind: 'averagePool', size, strides: size, padding: 'valid' }, from);
  }
  return builder.add(`${name}.resize`, { kind: 'resize', size: [h, w] }, from);
}
