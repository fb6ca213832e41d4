import type { Layer, ModelGraph, Pruning, Shape } from './description.ts';

/** Neurons of each prunable layer, by its path. */
export type Widths = Readonly<Record<string, number>>;

interface Values {
  readonly shape: Shape;
  readonly data: Float32Array | Int32Array;
}

/** How wide the prunable layers are. */
export function widthsOf(graph: ModelGraph): Widths {
  const units = new Map(
    graph.layers.map(({ path, operation }) => [path, operation.kind === 'dense' ? operation.units : 0]),
  );
  return Object.fromEntries((graph.pruning ?? []).map(({ layer }) => [layer, units.get(layer) ?? 0]));
}

/** How wide the prunable layers were when these tensors were kept. */
export function widthsOfTensors(graph: ModelGraph, tensors: Readonly<Record<string, Values>>): Widths {
  const widths = Object.entries(widthsOf(graph)).map(
    ([layer, width]) => [layer, tensors[`${layer}/kernel`]?.shape[1] ?? width] as const,
  );
  return Object.fromEntries(widths);
}

/** The model with its prunable layers of these widths; layers that are not named stay as they are. */
export function withWidths(graph: ModelGraph, widths: Widths | undefined): ModelGraph {
  if (widths === undefined || (graph.pruning ?? []).length === 0) return graph;
  return { ...graph, layers: graph.layers.map((layer) => withWidth(layer, widths[layer.path])) };
}

function withWidth(layer: Layer, units: number | undefined): Layer {
  const { operation } = layer;
  return units === undefined || operation.kind !== 'dense'
    ? layer
    : { ...layer, operation: { ...operation, units } };
}

/** Which neurons stay: those whose activity is above the threshold, and the most active ones where that leaves too few. */
export function neuronsToKeep(activity: Float32Array, { threshold, minimum }: Pruning): readonly number[] {
  const all = Array.from(activity, (_, neuron) => neuron);
  const active = all.filter((neuron) => (activity[neuron] ?? 0) > threshold);
  if (active.length >= Math.min(minimum, all.length)) return active;
  const order = all.toSorted((a, b) => (activity[b] ?? 0) - (activity[a] ?? 0) || a - b);
  return order.slice(0, minimum).sort((a, b) => a - b);
}

/**
 * A model's tensors, and whatever lies beside them in the same shape (`momentum:hidden1.fc/kernel`), without the neurons that
 * are not kept:
 *
 *     W₁ ← W₁[:, K],  b₁ ← b₁[K],  batch norm likewise,  W₂ ← W₂[K, :]
 *
 * A silent neuron says 0 to every training sample, so what the model says to them stays, up to the order of summation.
 */
export function withoutNeurons<T extends Values>(
  { layer, norms, readers }: Pruning,
  keep: readonly number[],
  tensors: Readonly<Record<string, T>>,
): Record<string, Values> {
  const axes = new Map<string, number>([
    [`${layer}/kernel`, 1],
    [`${layer}/bias`, 0],
    ...norms.flatMap((path) =>
      ['scale', 'offset', 'runningMean', 'runningVariance'].map((name) => [`${path}/${name}`, 0] as const),
    ),
    ...readers.map((path) => [`${path}/kernel`, 0] as const),
  ]);
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const axis = axes.get(name.slice(name.indexOf(':') + 1));
      return [name, axis === undefined ? tensor : picked(tensor, axis, keep)];
    }),
  );
}

/** The entries of a vector, or the rows (axis 0) or columns (axis 1) of a matrix. */
function picked({ shape, data }: Values, axis: number, keep: readonly number[]): Values {
  const [rows = 0, columns = 1] = shape;
  const newShape = shape.map((size, at) => (at === axis ? keep.length : size));
  const result = new Float32Array(newShape.reduce((product, size) => product * size, 1));
  let to = 0;
  for (const row of axis === 0 ? keep : Array.from({ length: rows }, (_, index) => index)) {
    for (const column of axis === 1 ? keep : Array.from({ length: columns }, (_, index) => index))
      result[to++] = data[row * columns + column] ?? NaN;
  }
  return { shape: newShape, data: result };
}
