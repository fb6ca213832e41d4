import { findMethod } from '../../methods/index.ts';
import type { AdapterChoice } from '../../methods/adapter-choice.ts';
import type { Method } from '../../methods/method.ts';
import { closestNames } from '../../schema/suggest.ts';
import { findLayer, layerNames } from '../../models/names.ts';
import { batchNormOf } from '../../models/norm-of.ts';
import { shapeText } from '../../models/shapes.ts';
import type { Fix } from '../diagnostic.ts';
import type { LooseConfig } from '../loose.ts';
import { replaceFix } from '../report.ts';
import { rolesOf } from '../roles.ts';
import { adapterAt } from '../settings.ts';
import { child, entryOf, nodeAt, type ConfigNode, type ListNode } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import { adapterFix, fittingLayerFix, mainLayers, methodsThatFit, shortNames } from './fitting-layers.ts';
import { removeItemFix } from './fixes.ts';
import { schemeLayers } from './meetings.ts';
import type { ResolvedModel } from './models.ts';
import { phaseLayers } from './phase-layers.ts';
import { placedTerms, type PlacedTerm } from './placed-terms.ts';

type Role = 'teacher' | 'student';

/** Layer paths exist, and the method can compare what they yield. */
export function checkPairs(
  value: LooseConfig,
  models: ReadonlyMap<string, ResolvedModel>,
  context: CheckContext,
): void {
  const { to = '' } = value.distill ?? {};
  checkSchemeLayers(value, models, context);
  for (const term of placedTerms(value)) {
    const { name, path, meetings } = term;
    const method = findMethod(name);
    if (method === undefined) continue;
    const known = meetings.length === 0 ? [{ teacher: '', student: to }] : meetings;
    const students = [...new Set(known.map(({ student }) => student))].map((student) => models.get(student));
    checkOwnLayers(method, nodeAt(context.tree, [...path, 'layers']), students, context);
    const list = nodeAt(context.tree, term.pairs);
    if (list?.kind !== 'list' || method.needs.pairs === undefined) continue;
    const seen = new Map<string, ConfigNode>();
    for (const [index, node] of list.items.entries()) {
      const adapter = ownAdapter(term, index);
      // One report a pair, from the first two models that it does not fit.
      const before = context.report.diagnostics.length;
      for (const { teacher, student } of known) {
        if (context.report.diagnostics.length > before) break;
        const sides = { teacher: models.get(teacher), student: models.get(student) };
        checkPair(node, method, sides, { adapter, context });
      }
      const names = JSON.stringify([layerName(node, 'teacher'), layerName(node, 'student')]);
      checkTwice(node, 'pair', names, list, seen, context);
    }
  }
}

/** The adapter that a term's own pair chose; of those that a phase gives all its terms none can. */
function ownAdapter({ settings, path, pairs }: PlacedTerm, index: number): AdapterChoice | undefined {
  return pairs.length === path.length + 1 ? adapterAt(settings, index) : undefined;
}

/** Layers of the student alone, of a term that compares these. */
function checkOwnLayers(
  { name, needs }: Method,
  list: ConfigNode | undefined,
  students: readonly (ResolvedModel | undefined)[],
  context: CheckContext,
): void {
  if (needs.layers === undefined || list?.kind !== 'list') return;
  const seen = new Map<string, ConfigNode>();
  for (const node of list.items) {
    for (const student of students) checkRank(node, needs.layers.rank, student, 'student', name, context);
    if (node.kind === 'scalar') checkTwice(node, 'layer', String(node.value), list, seen, context);
  }
}

/** Layers in the settings of the scheme, or of phases. */
function checkSchemeLayers(
  value: LooseConfig,
  models: ReadonlyMap<string, ResolvedModel>,
  context: CheckContext,
): void {
  const { to = '' } = value.distill ?? {};
  const [teacher = ''] = rolesOf(value).from;
  for (const { path, role } of schemeLayers(value)) {
    const node = nodeAt(context.tree, path);
    if (node !== undefined)
      checkRank(node, 'any', models.get(role === 'student' ? to : teacher), role, 'the scheme', context);
  }
  for (const { path, model } of phaseLayers(value)) {
    const node = nodeAt(context.tree, path);
    const role = model === to ? 'student' : 'teacher';
    if (node !== undefined) checkRank(node, 'any', models.get(model), role, 'the phase', context);
  }
}

function checkRank(
  node: ConfigNode,
  rank: Rank,
  model: ResolvedModel | undefined,
  role: Role,
  who: string,
  context: CheckContext,
): void {
  const shape = checkLayerNode(node, role, model, context);
  if (shape !== null && model?.exact === true) reportRank(node, shape, rank, { role, who, model }, context);
}

/** The layer a pair names for one side, where it is written as it should be. */
export function layerNode(pair: ConfigNode, role: Role): ConfigNode | undefined {
  return pair.kind === 'list' ? child(pair, role === 'teacher' ? 0 : 1) : entryOf(pair, role)?.value;
}

function layerName(pair: ConfigNode, role: Role): string | null {
  const node = layerNode(pair, role);
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : null;
}

function checkPair(
  pair: ConfigNode,
  method: Method,
  sides: Readonly<Record<Role, ResolvedModel | undefined>>,
  { adapter, context }: { readonly adapter: AdapterChoice | undefined; readonly context: CheckContext },
): void {
  if (reportSwappedPair(pair, sides, context)) return;
  const teacher = checkLayer(pair, 'teacher', sides.teacher, context);
  const student = checkLayer(pair, 'student', sides.student, context);
  const known = sides.teacher?.exact === true && sides.student?.exact === true;
  if (teacher === null || student === null || !known) return;
  const rank = method.needs.pairs?.rank ?? 'any';
  for (const [shape, role] of [
    [teacher, 'teacher'],
    [student, 'student'],
  ] as const) {
    const node = layerNode(pair, role);
    const model = sides[role];
    if (node !== undefined && reportRank(node, shape, rank, { role, who: method.name, model }, context))
      return;
  }
  if (reportTeacherWeights(pair, method, sides.teacher, teacher, context)) return;
  const shapesOfPair = { teacher, student, ...(adapter === undefined ? {} : { adapter }) };
  const misfit = method.checkPair?.(shapesOfPair) ?? null;
  if (misfit !== null) {
    const shapes = `teacher ${shapeText(teacher)}, student ${shapeText(student)}`;
    const others = methodsThatFit({ teacher, student });
    context.report.add('KD2204', pair.place, {
      message: `${misfit.message} (${shapes})`,
      help: `${misfit.help}${others === '' ? '' : ` An adapter for these shapes: ${others}.`}`,
      fixes:
        adapter === undefined
          ? [
              ...fittingLayerFix(layerNode(pair, 'student'), method, teacher, sides.student),
              ...adapterFix(pair, method, { teacher, student }),
            ]
          : [],
    });
  }
}

type Rank = 'map' | 'vector' | 'any';

/** True where the method reads tensors of the teacher that this layer does not lead to. */
function reportTeacherWeights(
  pair: ConfigNode,
  { name, needs }: Method,
  model: ResolvedModel | undefined,
  shape: readonly number[],
  context: CheckContext,
): boolean {
  const node = layerNode(pair, 'teacher');
  if (model === undefined || node === undefined) return false;
  const layer = findLayer(model.graph, layerName(pair, 'teacher') ?? '');
  if (layer === null) return false;
  const fault = (message: string, help: string) => {
    context.report.add('KD2204', node.place, { message, help });
    return true;
  };
  if (needs.teacherWeights === 'batchNorm' && batchNormOf(model.graph, layer) === null)
    return fault(
      `${name} reads the batch norm that yields the teacher's layer, and this one comes from none`,
      'Name a batch norm, or the sum at the end of a residual block, before its activation.',
    );
  const last = findLayer(model.graph, model.graph.logits)?.operation;
  if (needs.teacherWeights === 'classifier' && !(last?.kind === 'dense' && last.bias))
    return fault(
      `${name} reuses the teacher's classifier, and the last layer of ${model.graph.architecture} is no dense layer with a bias`,
      'Choose a teacher whose last layer is dense, or a method that needs only its answers.',
    );
  const features = model.description.layers.find(({ path }) => path === model.graph.embedding)?.shape.at(-1);
  if (needs.teacherWeights === 'classifier' && features !== undefined && shape.at(-1) !== features)
    return fault(
      `${name} sends this layer through the teacher's classifier, which reads ${features} features; it has ${shape.at(-1) ?? 0} channels`,
      'Name the last layer before the pooling.',
    );
  return false;
}

/** True where the layer yields another kind of tensor than the method compares. */
function reportRank(
  node: ConfigNode,
  shape: readonly number[],
  rank: Rank,
  {
    role,
    who,
    model,
  }: { readonly role: Role; readonly who: string; readonly model: ResolvedModel | undefined },
  context: CheckContext,
): boolean {
  const wanted = { map: 3, vector: 1, any: null }[rank];
  if (wanted === null || shape.length === wanted) return false;
  const name = node.kind === 'scalar' ? String(node.value) : '';
  const close =
    model === undefined
      ? undefined
      : mainLayers(model).findLast(({ shape: other }) => other.length === wanted)?.name;
  context.report.add('KD2204', node.place, {
    message: `${who} compares ${rank === 'map' ? 'maps (height, width, channels)' : 'vectors'}, but the ${role}'s "${name}" yields ${shapeText(shape)}`,
    help:
      rank === 'map'
        ? 'Name a layer before the pooling, such as a stage.'
        : 'Name a layer after the pooling, such as the embedding.',
    fixes: close === undefined ? [] : [replaceFix(`Change to "${close}"`, node.place, close)],
  });
  return true;
}

function checkLayer(
  pair: ConfigNode,
  role: Role,
  model: ResolvedModel | undefined,
  context: CheckContext,
): readonly number[] | null {
  const node = layerNode(pair, role);
  return node === undefined ? null : checkLayerNode(node, role, model, context);
}

/** The shape that the layer yields; null where the layer or the model is not known. */
function checkLayerNode(
  node: ConfigNode,
  role: Role,
  model: ResolvedModel | undefined,
  context: CheckContext,
): readonly number[] | null {
  const name = node.kind === 'scalar' && typeof node.value === 'string' ? node.value : '';
  if (model === undefined || name === '') return null;
  const layer = findLayer(model.graph, name);
  if (layer !== null) return model.description.layers.find(({ path }) => path === layer.path)?.shape ?? null;
  const names = layerNames(model.graph);
  const [close] = closestNames(name, names, 1);
  const fixes: Fix[] = close === undefined ? [] : [replaceFix(`Change to "${close}"`, node.place, close)];
  context.report.add('KD2203', node.place, {
    message: `layer "${name}" does not exist in ${model.name} (${model.graph.architecture})${close === undefined ? '' : `; did you mean "${close}"?`} (layers: ${shortNames(model).join(', ')})`,
    help: `Give a layer of the ${role}: a name from the list, or a path such as ${model.graph.layers.at(-1)?.path ?? ''}.`,
    fixes,
  });
  return null;
}

/** Both layers exist, but each in the other model. */
function reportSwappedPair(
  pair: ConfigNode,
  sides: Readonly<Record<Role, ResolvedModel | undefined>>,
  context: CheckContext,
): boolean {
  const { teacher, student } = sides;
  const [first, second] = [layerName(pair, 'teacher'), layerName(pair, 'student')];
  if (teacher === undefined || student === undefined || first === null || second === null) return false;
  const has = (model: ResolvedModel, name: string) => findLayer(model.graph, name) !== null;
  const right = has(teacher, first) && has(student, second);
  if (right || !has(teacher, second) || !has(student, first)) return false;
  const [a, b] = [layerNode(pair, 'teacher'), layerNode(pair, 'student')];
  if (a === undefined || b === undefined) return false;
  context.report.add('KD2203', pair.place, {
    message: `"${first}" is a layer of the student and "${second}" one of the teacher: the pair is the wrong way round`,
    help: "The teacher's layer comes first.",
    fixes: [
      {
        title: 'Swap the two layers',
        edits: [...replaceFix('', a.place, second).edits, ...replaceFix('', b.place, first).edits],
      },
    ],
  });
  return true;
}

function checkTwice(
  node: ConfigNode,
  what: 'pair' | 'layer',
  name: string,
  list: ListNode,
  seen: Map<string, ConfigNode>,
  { report }: CheckContext,
): void {
  const first = seen.get(name);
  if (first === undefined) {
    seen.set(name, node);
    return;
  }
  report.add('KD2213', node.place, {
    message: `this ${what} stands twice and counts double`,
    help: 'Remove one of them.',
    fixes: removeItemFix(list, list.items.indexOf(node), `Remove this ${what}`),
    related: [{ place: first.place, message: 'the first' }],
  });
}
