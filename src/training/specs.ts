import type { TensorSpec } from '../compiler/graph.ts';
import type { ModelGraph } from '../models/description.ts';
import { dropoutMaskShapes } from '../models/dropout.ts';
import { inferShapes } from '../models/infer.ts';
import { resolveLayer } from '../models/names.ts';
import { WEIGHT_NOISE, weightNoiseShapes } from '../models/weight-noise.ts';
import type { FlatLayout } from './flat.ts';
import { weightVectors } from './learner-state.ts';
import { targetSpecs } from './image-loss.ts';
import type { Lesson } from './lesson.ts';
import type { Answers, PhasePlan, PlannedModel } from './plan.ts';
import { drawName } from './refiners.ts';
import { answerNames, STRONG } from './say.ts';
import { trainedVectors } from './weight-average.ts';

export type Specs = Record<string, TensorSpec>;

/** Of the vectors that hold anything. */
export function stateSpecs(vectors: readonly (readonly [name: string, layout: FlatLayout])[]): Specs {
  const specs: Specs = {};
  for (const [name, { size }] of vectors) {
    if (size > 0) specs[name] = { shape: [size], dtype: 'float32', role: 'state' };
  }
  return specs;
}

export function scalarSpecs(names: readonly string[]): Specs {
  return Object.fromEntries(names.map((name) => [name, { shape: [], dtype: 'float32', role: 'hyper' }]));
}

export function imageSpecs({ inputShape }: Pick<PhasePlan, 'inputShape'>, batch: number, view = ''): Specs {
  return { [`${view}images`]: { shape: [batch, ...inputShape], dtype: 'float32', role: 'batch' } };
}

/** All that the losses of a phase read beside the learners themselves, from a batch of a split. */
export function lossSpecs(plan: PhasePlan, batch: number): Specs {
  const specs: Specs = {
    ...imageSpecs(plan, batch),
    labels: { shape: [batch], dtype: 'int32', role: 'batch' },
    ...targetSpecs(plan, batch),
  };
  if (plan.needsIndices) specs['indices'] = { shape: [batch], dtype: 'int32', role: 'batch' };
  const views = plan.strongView ? ['', STRONG] : [''];
  if (plan.strongView) Object.assign(specs, imageSpecs(plan, batch, STRONG));
  for (const model of [...plan.teachers, ...plan.copies]) {
    const asked = plan.answers.get(model.instance);
    if (asked === undefined) continue;
    for (const view of views) Object.assign(specs, answerSpecs(model, asked, batch, view));
  }
  return { ...specs, ...ownSpecs(plan, batch) };
}

/** What the terms themselves bring: draws, shares, tensors of teachers and of networks beside learners. */
export function ownSpecs(plan: PhasePlan, batch: number): Specs {
  const specs: Specs = {};
  for (const lesson of lessonsOf(plan)) Object.assign(specs, lessonSpecs(plan, lesson, batch));
  const beside = plan.opponents.flatMap((one) => weightVectors(one, trainedVectors(one.instance)));
  return { ...specs, ...stateSpecs(beside) };
}

export function lessonsOf({ learners }: PhasePlan): readonly Lesson[] {
  return learners.flatMap(({ lessons }) => lessons);
}

function lessonSpecs(
  plan: PhasePlan,
  { id, term, speakers, combine, refiners }: Lesson,
  batch: number,
): Specs {
  const specs: Specs = {};
  for (const { name, count } of term.draws)
    specs[`draws/${id}/${name}`] = { shape: [batch, count], dtype: 'int32', role: 'batch' };
  for (const refiner of refiners) {
    for (const { name, kind, shape } of refiner.draws)
      specs[drawName(id, refiner, name)] = {
        shape,
        dtype: kind === 'order' ? 'int32' : 'float32',
        role: 'hyper',
      };
  }
  if ((combine.kind === 'random' || combine.kind === 'byScore') && speakers.length > 1)
    specs[`shares/${id}`] = { shape: [speakers.length], dtype: 'float32', role: 'hyper' };
  const teacher = weightsTeacher(plan, term.teacherWeights, speakers[0]?.instance);
  return teacher === null ? specs : { ...specs, ...teacherState(teacher) };
}

/** The frozen model whose own tensors a term reads; null where it reads none. */
export function weightsTeacher(
  plan: PhasePlan,
  weights: Readonly<Record<string, string>>,
  instance: string | undefined,
): PlannedModel | null {
  if (Object.keys(weights).length === 0) return null;
  return plan.teachers.find((teacher) => teacher.instance === instance) ?? null;
}

function teacherState({ instance, parameters }: PlannedModel): Specs {
  return stateSpecs([[trainedVectors(instance).parameters, parameters]]);
}

/** The frozen models whose own tensors some term reads. */
export function readTeachers(plan: PhasePlan): readonly PlannedModel[] {
  const read = lessonsOf(plan).map(({ term, speakers }) =>
    weightsTeacher(plan, term.teacherWeights, speakers[0]?.instance),
  );
  return [...new Set(read)].filter((teacher) => teacher !== null);
}

export function answerSpecs(
  model: PlannedModel,
  { logits, layers, passes = 0 }: Answers,
  batch: number,
  view = '',
): Specs {
  const names = answerNames(model.instance, view);
  const spec = specOf(model.graph, batch);
  const said = spec(model.graph.logits);
  const { columns } = model;
  const specs: Specs = !logits
    ? {}
    : { [names.logits]: columns === undefined ? said : { ...said, shape: [batch, columns.length] } };
  const classes = columns?.length ?? said.shape.at(-1) ?? 0;
  if (passes > 0) specs[names.passes] = { ...said, shape: [batch, passes, classes] };
  for (const layer of layers) specs[names.layer(layer)] = spec(resolveLayer(model.graph, layer).path);
  return specs;
}

function specOf(graph: ModelGraph, batch: number): (path: string) => TensorSpec {
  const shapes = inferShapes(graph);
  return (path) => ({ shape: [batch, ...(shapes.get(path) ?? [])], dtype: 'float32', role: 'batch' });
}

/** Numbers that a frozen model says to one sample: its logits, and what the terms ask of its layers. */
export function answerSize(plan: PhasePlan, model: PlannedModel): number {
  const { layers = [], passes = 0 } = plan.answers.get(model.instance) ?? {};
  const specs = Object.values(answerSpecs(model, { logits: true, layers, passes }, 1));
  return specs.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

/** Scalars of the lessons that may change from step to step. */
export function lessonScalars(plan: PhasePlan, withWeights: boolean): readonly string[] {
  const names = lessonsOf(plan).flatMap(({ id, term, refiners }) => [
    ...(withWeights ? [`weight/${id}`] : []),
    ...Object.keys(term.scheduled).map((name) => `parameter/${id}/${name}`),
    ...refiners.flatMap((refiner) =>
      Object.keys(refiner.scheduled).map((name) => `parameter/refine/${refiner.id}/${name}`),
    ),
  ]);
  return [...new Set(names)];
}

/** What is drawn for the learners themselves in a step, for each view: masks of dropout, noise of weights. */
export function chanceSpecs({ learners, strongView }: PhasePlan, batch: number): Specs {
  const views = strongView ? ['', STRONG] : [''];
  const all = views.flatMap((view) =>
    learners.map(({ prefix, graph }) => passSpecs(graph, batch, prefix, view)),
  );
  return Object.assign({}, ...all) as Specs;
}

/**
 * What is drawn for one random pass of a model.
 * @param batch 1: all samples share their masks
 */
export function passSpecs(graph: ModelGraph, batch: number, prefix = '', view = ''): Specs {
  const specs: Specs = {};
  const add = (kind: string, shapes: Readonly<Record<string, readonly number[]>>) => {
    for (const [path, shape] of Object.entries(shapes))
      specs[`${view}${kind}${prefix}${path}`] = { shape, dtype: 'float32', role: 'hyper' };
  };
  add('dropout/', dropoutMaskShapes(graph, batch));
  add(WEIGHT_NOISE, weightNoiseShapes(graph));
  return specs;
}
