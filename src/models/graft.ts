import { ancestors } from './ancestors.ts';
import type { Layer, ModelGraph, Shape } from './description.ts';
import { inferShapes } from './infer.ts';
import { JOINT } from './modules/joints.ts';
import { resolveLayer } from './names.ts';
import { modelError } from './problems.ts';
import { shapeText } from './shapes.ts';
import { GraphBuilder } from './zoo/graph-builder.ts';

/** Where two networks are cut alike: a layer of each. Blocks lie between such places; the last ends in the answers. */
export interface GraftPlace {
  readonly teacher: string;
  readonly student: string;
}

/** Before the paths of the layers of the network that blocks are grafted into. */
export const HOST = 'host.';
/** Adapters on both sides of what is grafted. */
const [IN, OUT] = ['graft.in', 'graft.out'] as const;

/**
 * A host with some blocks of a student in place of its own (Shen et al. 2021):
 *
 *     F_L ∘ … ∘ F_{last+1} ∘ A_out ∘ S_last ∘ … ∘ S_first ∘ A_in ∘ F_{first−1} ∘ … ∘ F_1
 *
 * A: 1x1 convolution with bias and without activation (dense for vectors), where the student has a joint between the blocks; where it
 * has none, both networks must yield the same shape there. Layers of the host are frozen and called `host.…`, those of the student have
 * their own names.
 * @param blocks where both are cut; block l lies before `blocks[l − 1]`, the last after all of them
 * @param first number of the first grafted block, from 1; @param last of the last one, up to one more than there are cuts
 * @throws UserError KD2101 an unknown layer, KD2106 blocks that do not fit
 */
export function withGraft(
  host: ModelGraph,
  student: ModelGraph,
  blocks: readonly GraftPlace[],
  first: number,
  last: number,
): ModelGraph {
  const below = first === 1 ? null : cutAt(host, student, blocks[first - 2] as GraftPlace);
  const above = last > blocks.length ? null : cutAt(host, student, blocks[last - 1] as GraftPlace);
  const added: Layer[] = student.layers.filter(({ path }) => path === student.input);
  const hosted = (path: string) => (path === host.input ? student.input : HOST + path);
  const standing = (layers: readonly Layer[], replaced: ReadonlyMap<string, string>) =>
    layers
      .filter(({ path }) => path !== host.input)
      .map((layer): Layer => ({
        ...layer,
        path: HOST + layer.path,
        inputs: layer.inputs.map((input) => replaced.get(input) ?? hosted(input)),
        ...(layer.weights === undefined ? {} : { weights: HOST + layer.weights }),
        frozen: true,
      }));
  const read = new Map<string, string>();
  if (below !== null) {
    const under = ancestors(host, [below.teacher.path]);
    added.push(
      ...standing(
        host.layers.filter(({ path }) => under.has(path)),
        new Map(),
      ),
    );
    const from = hosted(below.teacher.path);
    const start = below.joint === null ? below.student.path : below.joint;
    read.set(start, below.joint === null ? from : adapter(added, IN, from, below.student.shape));
  }
  const begin = below === null ? student.input : (below.joint ?? below.student.path);
  const end = above === null ? student.logits : above.student.path;
  added.push(
    ...between(student, begin, end).map((layer) => ({
      ...layer,
      inputs: layer.inputs.map((input) => read.get(input) ?? input),
    })),
  );
  if (above === null) return ended(added, student, student.logits, student.embedding, begin);
  const out = above.joint === null ? end : adapter(added, OUT, end, above.teacher.shape);
  const upper = between(host, above.teacher.path, host.logits);
  added.push(...standing(upper, new Map([[above.teacher.path, out]])));
  const embedding = upper.some(({ path }) => path === host.embedding)
    ? HOST + host.embedding
    : HOST + host.logits;
  return ended(added, student, HOST + host.logits, embedding, begin);
}

function ended(
  layers: readonly Layer[],
  { architecture, input }: ModelGraph,
  logits: string,
  embedding: string,
  begin: string,
): ModelGraph {
  const there = layers.some(({ path }) => path === embedding);
  return {
    architecture: `${architecture} grafted after ${begin}`,
    layers,
    aliases: { logits },
    input,
    logits,
    embedding: there ? embedding : logits,
  };
}

interface Cut {
  readonly teacher: { readonly path: string; readonly shape: Shape };
  readonly student: { readonly path: string; readonly shape: Shape };
  /** Path of the student's joint after the layer; null where it has none. */
  readonly joint: string | null;
}

/** A place where both networks are cut, and whether what lies on its sides fits together. */
function cutAt(host: ModelGraph, student: ModelGraph, place: GraftPlace): Cut {
  const [of, own] = [resolveLayer(host, place.teacher).path, resolveLayer(student, place.student).path];
  const [wanted, given] = [inferShapes(host).get(of) ?? [], inferShapes(student).get(own) ?? []];
  const joint = student.layers.some(({ path }) => path === own + JOINT) ? own + JOINT : null;
  const both = `"${place.teacher}" of ${host.architecture} yields ${shapeText(wanted)} and "${place.student}" of ${student.architecture} ${shapeText(given)}`;
  if (wanted.length !== given.length || shapeText(wanted.slice(0, -1)) !== shapeText(given.slice(0, -1)))
    throw modelError(
      'shape',
      `blocks cannot be joined here: ${both}`,
      'Cut both where their maps have one height and width: a joint changes channels alone.',
    );
  if (joint === null && wanted.at(-1) !== given.at(-1))
    throw modelError(
      'shape',
      `blocks cannot be joined here without a joint: ${both}`,
      `Give the student one: modules: [{ joints: { at: [${place.student}] } }].`,
    );
  return { teacher: { path: of, shape: wanted }, student: { path: own, shape: given }, joint };
}

/** Layers that lead from one layer to another, the last included; everything that the end needs where it begins with the input. */
function between(graph: ModelGraph, begin: string, end: string): readonly Layer[] {
  const before = ancestors(graph, [begin]);
  const needed = ancestors(graph, [end]);
  const own = graph.layers.filter(({ path }) => needed.has(path) && !before.has(path));
  const paths = new Set(own.map(({ path }) => path));
  for (const { path, inputs } of own) {
    const past = inputs.find((input) => !paths.has(input) && input !== begin);
    if (past === undefined) continue;
    throw modelError(
      'shape',
      `${graph.architecture} cannot be cut at "${begin}": "${path}" also reads "${past}", which comes before it`,
      'Cut at a layer that everything above it passes through, such as a stage.',
    );
  }
  if (own.length === 0)
    throw modelError(
      'shape',
      `nothing of ${graph.architecture} lies between "${begin}" and "${end}"`,
      'List the places from the image to the answers, each after the one before.',
    );
  return own;
}

/** A 1x1 convolution, or a dense layer for a vector, to the channels of a shape. Returns its path. */
function adapter(added: Layer[], path: string, from: string, shape: Shape): string {
  const builder = new GraphBuilder([]);
  const channels = shape.at(-1) ?? 1;
  const end =
    shape.length === 3
      ? builder.conv(path, from, channels, 1, { bias: true })
      : builder.dense(path, from, channels);
  added.push(...builder.layers.slice(1));
  return end;
}

interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/**
 * Weights of neighbouring grafts put together: A_out of the lower one and A_in of the upper one become the student's joint, which is
 * the same function, since neither has an activation or an extent in space.
 *
 *     kernel = K_out K_in,   bias = b_out K_in + b_in
 *
 * @param joint path of the student's joint between them; null where there is none
 */
export function joinedGrafts(
  lower: Readonly<Record<string, Tensor>>,
  upper: Readonly<Record<string, Tensor>>,
  joint: string | null,
): Record<string, Tensor> {
  const own = (tensors: Readonly<Record<string, Tensor>>, without: readonly string[]) =>
    Object.entries(tensors).filter(
      ([name]) => !name.startsWith(HOST) && !without.some((path) => name.startsWith(`${path}/`)),
    );
  const joined = Object.fromEntries([...own(lower, [OUT]), ...own(upper, [IN])]);
  if (joint === null) return joined;
  const [outKernel, outBias] = [lower[`${OUT}/kernel`], lower[`${OUT}/bias`]];
  const [inKernel, inBias] = [upper[`${IN}/kernel`], upper[`${IN}/bias`]];
  if (outKernel === undefined || outBias === undefined || inKernel === undefined || inBias === undefined)
    throw new Error(`there are no adapters to make "${joint}" of`);
  const [from = 1, middle = 1] = outKernel.shape.slice(-2);
  const to = inKernel.shape.at(-1) ?? 1;
  const kernel = product(outKernel.data, inKernel.data, from, middle, to);
  const bias = product(outBias.data, inKernel.data, 1, middle, to);
  const shape = [...inKernel.shape.slice(0, -2), from, to];
  return {
    ...joined,
    [`${joint}/kernel`]: { shape, data: kernel },
    [`${joint}/bias`]: { shape: [to], data: bias.map((value, index) => value + (inBias.data[index] ?? 0)) },
  };
}

/** `[rows, inner] · [inner, columns]`, added up in double precision. */
function product(a: ArrayLike<number>, b: ArrayLike<number>, rows: number, inner: number, columns: number) {
  const result = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += (a[row * inner + k] ?? 0) * (b[k * columns + column] ?? 0);
      result[row * columns + column] = sum;
    }
  }
  return result;
}
