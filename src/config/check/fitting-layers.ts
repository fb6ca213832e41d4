import { catalogue } from '../../methods/index.ts';
import type { Method, PairShapes } from '../../methods/method.ts';
import { findLayer } from '../../models/names.ts';
import type { Fix } from '../diagnostic.ts';
import { replaceFix } from '../report.ts';
import type { ConfigNode } from '../syntax/node.ts';
import type { ResolvedModel } from './models.ts';

const MOST_METHODS_NAMED = 3;

/** Methods whose adapters bring these two layers together. */
export function methodsThatFit(pair: PairShapes): string {
  const rank = pair.teacher.length === 3 && pair.student.length === 3 ? 'map' : 'vector';
  return catalogue
    .filter(
      ({ needs, mismatch, checkPair }) =>
        mismatch !== undefined &&
        [rank, 'any'].includes(needs.pairs?.rank ?? '') &&
        (checkPair?.(pair) ?? null) === null,
    )
    .slice(0, MOST_METHODS_NAMED)
    .map(({ name }) => name)
    .join(', ');
}

/** The student's stage that the method can compare with the teacher's layer, the deepest where several fit. */
export function fittingLayerFix(
  node: ConfigNode | undefined,
  { checkPair }: Method,
  teacher: readonly number[],
  model: ResolvedModel | undefined,
): Fix[] {
  if (model === undefined || node === undefined || checkPair === undefined) return [];
  const fits = mainLayers(model).filter(({ shape }) => checkPair({ teacher, student: shape }) === null);
  const name = fits.at(-1)?.name;
  return name === undefined ? [] : [replaceFix(`Change to "${name}"`, node.place, name)];
}

/** A pair written as a list, with the adapter that fits any two maps; none where the method leaves no choice. */
export function adapterFix(pair: ConfigNode, { adapters, checkPair }: Method, shapes: PairShapes): Fix[] {
  const adapter = { kind: 'conv1x1', batchNorm: true } as const;
  if (adapters !== true || pair.kind !== 'list' || (checkPair?.({ ...shapes, adapter }) ?? null) !== null)
    return [];
  const [teacher, student] = pair.items.map((item) => (item.kind === 'scalar' ? String(item.value) : ''));
  const text = `{ teacher: ${teacher ?? ''}, student: ${student ?? ''}, adapter: ${adapter.kind} }`;
  return [replaceFix('Bring it there by a 1×1 convolution', pair.place, text)];
}

/** Stages and ends with their shapes, in the order of the model. */
export function mainLayers(
  model: ResolvedModel,
): readonly { readonly name: string; readonly shape: readonly number[] }[] {
  return shortNames(model).flatMap((name) => {
    const path = findLayer(model.graph, name)?.path;
    const shape = model.description.layers.find((layer) => layer.path === path)?.shape;
    return shape === undefined ? [] : [{ name, shape }];
  });
}

/** Names of stages and ends; blocks and single layers would make the list too long to read. */
export function shortNames({ graph }: ResolvedModel): string[] {
  const names = Object.keys(graph.aliases).filter((name) => !name.includes('.'));
  return names.length > 0 ? names : graph.layers.map((layer) => layer.path).slice(0, 20);
}
