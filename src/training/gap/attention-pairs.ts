import type { ModelGraph } from '../../models/description.ts';
import { inferShapes } from '../../models/infer.ts';
import type { AttentionPair } from '../../protocol/gap-report.ts';

/** Pairs of layers that are looked at. */
const MOST_PAIRS = 3;

interface MapLayer {
  readonly name: string;
  readonly order: number;
  readonly height: number;
  readonly shape: readonly [number, number, number];
}

/**
 * Layers of both whose attention is compared: of the student the deepest named map of each size, with the teacher's deepest
 * named map of the size nearest to it; the deepest three, shallowest first. Empty where one of the two has no map.
 */
export function attentionPairs(teacher: ModelGraph, student: ModelGraph): readonly AttentionPair[] {
  const [teachers, students] = [deepestMaps(teacher), deepestMaps(student)];
  if (teachers.length === 0) return [];
  return students.slice(-MOST_PAIRS).map((own) => {
    const apart = (one: MapLayer) => Math.abs(Math.log(one.height / own.height));
    const nearest = teachers.reduce((best, one) => (apart(one) <= apart(best) ? one : best));
    return { teacher: nearest.name, student: own.name };
  });
}

/** Height, width and channels of a named map. */
export function mapShape(graph: ModelGraph, name: string): readonly [number, number, number] {
  const found = mapsOf(graph).find((layer) => layer.name === name);
  if (found === undefined) throw new Error(`"${name}" of ${graph.architecture} is no map`);
  return found.shape;
}

/** The deepest named map of each size, shallowest first. */
function deepestMaps(graph: ModelGraph): readonly MapLayer[] {
  const bySize = new Map<string, MapLayer>();
  for (const layer of mapsOf(graph)) {
    const size = layer.shape.slice(0, 2).join('x');
    const known = bySize.get(size);
    // Of several names of one layer the shortest: `stage1` before `stage1.block2`.
    const isDeeper =
      known === undefined ||
      layer.order > known.order ||
      (layer.order === known.order && layer.name.length < known.name.length);
    if (isDeeper) bySize.set(size, layer);
  }
  return [...bySize.values()].sort((a, b) => a.order - b.order);
}

/** Every named layer that has several places. */
function mapsOf(graph: ModelGraph): readonly MapLayer[] {
  const shapes = inferShapes(graph);
  return Object.entries(graph.aliases).flatMap(([name, path]): MapLayer[] => {
    const [height = 0, width = 0, channels] = shapes.get(path) ?? [];
    if (channels === undefined || height * width < 2) return [];
    const order = graph.layers.findIndex((layer) => layer.path === path);
    return [{ name, order, height, shape: [height, width, channels] }];
  });
}
