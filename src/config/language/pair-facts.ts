import { findMethod } from '../../methods/index.ts';
import { NO_GROUP_SIZES, type Method, type PairShapes } from '../../methods/method.ts';
import { nameOfLayer } from '../../models/named-layers.ts';
import { findLayer } from '../../models/names.ts';
import type { LayerPairNames } from '../../protocol/records.ts';
import type { Analysis } from '../analyze.ts';
import { layerNode } from '../check/pairs.ts';
import { meetingsOf } from '../check/meetings.ts';
import { chosen } from '../loose.ts';
import { adapterAt } from '../settings.ts';
import { nodeAt, type Path } from '../syntax/node.ts';

/** What is known of a pair of layers that a term matches. */
export interface PairFacts {
  readonly method: Method;
  readonly teacher: string;
  readonly student: string;
  readonly shapes: PairShapes;
  /** What runs call the two layers. */
  readonly names: LayerPairNames;
  /** Trainable parameters of the adapter; 0 where there is none, null where they cannot be told. */
  readonly adapterParameters: number | null;
}

/** The pair at `distill.match[i].METHOD.pairs[j]`; null where the path is another, or a layer is not known. */
export function pairFactsAt(path: Path, analysis: Analysis): PairFacts | null {
  const [, , term, name, key, index] = path;
  const { tree, value, models, data } = analysis;
  if (typeof term !== 'number' || typeof name !== 'string' || key !== 'pairs' || typeof index !== 'number')
    return null;
  const method = findMethod(name);
  const node = nodeAt(tree ?? undefined, path.slice(0, 6));
  const written = value.distill?.match?.[term];
  const [meeting] = meetingsOf(value, written);
  if (method === undefined || node === undefined || meeting === undefined || data === null) return null;
  const sides = { teacher: models.get(meeting.teacher), student: models.get(meeting.student) };
  const layerOf = (role: 'teacher' | 'student') => {
    const layer = layerNode(node, role);
    const model = sides[role];
    if (layer?.kind !== 'scalar' || model?.exact !== true) return null;
    const path = findLayer(model.graph, String(layer.value))?.path;
    const shape = model.description.layers.find((one) => one.path === path)?.shape;
    if (path === undefined || shape === undefined) return null;
    return { name: String(layer.value), shape, recorded: nameOfLayer(model.graph, path) };
  };
  const [teacher, student] = [layerOf('teacher'), layerOf('student')];
  if (teacher === null || student === null) return null;
  const settings = chosen(written)?.settings ?? {};
  const adapter = adapterAt(settings, index);
  const shapes: PairShapes = {
    teacher: teacher.shape,
    student: student.shape,
    layers: { teacher: teacher.name, student: student.name },
    ...(adapter === undefined ? {} : { adapter }),
  };
  const sizes = {
    ...NO_GROUP_SIZES,
    pairs: [shapes],
    classes: data.classes,
    samples: data.trainCount ?? 1,
    batch: value.train?.batchSize ?? 1,
  };
  const fits = (method.checkPair?.(shapes) ?? null) === null;
  return {
    method,
    teacher: teacher.name,
    student: student.name,
    shapes,
    names: { teacher: teacher.recorded, student: student.recorded },
    adapterParameters: fits ? adapterParameters(method, sizes, settings) : null,
  };
}

function adapterParameters(
  method: Method,
  sizes: Parameters<NonNullable<Method['variables']>>[0],
  settings: Readonly<Record<string, unknown>>,
): number | null {
  const names = Object.keys(method.parameters.fields);
  if (names.some((name) => settings[name] === undefined && method.parameters.fields[name]?.optional !== true))
    return null;
  const minimum = method.needs.pairs?.minimum ?? 0;
  // Methods that fuse several layers have no adapter of a pair alone.
  if (minimum > 1) return null;
  const variables = method.variables?.(sizes, settings) ?? [];
  return variables
    .filter(({ trainable }) => trainable)
    .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}
