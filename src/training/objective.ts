import type * as tf from '@tensorflow/tfjs-core';
import type { Member, Ops, Side } from '../methods/method.ts';
import { forward } from '../models/build.ts';
import type { ModelGraph, Penalty } from '../models/description.ts';
import { WEIGHT_NOISE } from '../models/weight-noise.ts';
import { penaltyValue } from '../models/penalties.ts';
import { crossEntropy } from './hard-labels.ts';
import { imageLoss } from './image-loss.ts';
import type { Lesson } from './lesson.ts';
import type { Learner, PhasePlan } from './plan.ts';
import { refineAll } from './refiners.ts';
import { heardBy, STRONG, wantedLayers } from './say.ts';
import { required, withPrefix, type Tensors } from './step-function.ts';
import { namingTerm, sideOf, termContext, type Context, type Speech } from './terms.ts';

/** Tensors of every learner by its instance: weights and statistics. */
export type LearnerTensors = ReadonlyMap<string, Tensors>;

export interface Objective {
  /** Of each learner, by instance: its total, weighted. Empty where no weights are among the inputs. */
  readonly losses: ReadonlyMap<string, tf.Scalar>;
  /** Every part of every learner's loss, unweighted, by `partOutput`. */
  readonly parts: Readonly<Record<string, tf.Scalar>>;
  readonly logits: ReadonlyMap<string, tf.Tensor2D>;
  /** New values of tensors that are renewed without a gradient: `<instance>/<tensor>`. */
  readonly updates: Readonly<Record<string, tf.Tensor>>;
  /** What each lesson's loss read of each speaker, by lesson. */
  readonly contexts: ReadonlyMap<string, readonly Context[]>;
}

/** One part of a learner's loss: the cross-entropy (of each member of its branches), a lesson, or what a module adds. */
export interface Part {
  /** `ce`, `ce2` (where images are the answers `image`, `image2`), `kd`, `vam`: within the learner. */
  readonly id: string;
  readonly lesson: Lesson | null;
  readonly penalty: Penalty | null;
  /** What it counts in units of its weight. */
  readonly share: number;
}

export function partsOf({ lessons, branches, graph }: Learner): readonly Part[] {
  const task = taskPart(graph);
  const members = (branches?.members ?? []).slice(1).map((_, index) => `${task}${index + 2}`);
  return [
    { id: task, lesson: null, penalty: null, share: 1 },
    ...members.map((id) => ({ id, lesson: null, penalty: null, share: branches?.labels ?? 1 })),
    ...lessons.map((lesson) => ({ id: lesson.term.id, lesson, penalty: null, share: 1 })),
    ...(graph.penalties ?? []).map((penalty) => ({
      id: penalty.name,
      lesson: null,
      penalty,
      share: penalty.weight,
    })),
  ];
}

/** What a learner is taught by the data themselves: the cross-entropy with labels, or the distance from images. */
export function taskPart({ reconstructs }: Pick<ModelGraph, 'reconstructs'>): 'ce' | 'image' {
  return reconstructs === undefined ? 'ce' : 'image';
}

/** Name of a part among the outputs of a step and in the records: `loss/kd`, `student-2/loss/kd`. */
export function partOutput({ prefix }: Learner, part: string): string {
  return `${prefix}loss/${part}`;
}

/**
 * Forward pass of all learners and every part of their losses. Of each learner:
 *
 *     L = w_ce · Σ_m CE(z_m, y) + Σ_i w_i · L_i + Σ_j γ_j · P_j    (m: itself, and its branches; P: what its modules add)
 *
 * Where images are the answers, their distance from the true images stands in place of the cross-entropy.
 */
export function objective(
  ops: Ops,
  plan: PhasePlan,
  tensors: LearnerTensors,
  inputs: Tensors,
  training: boolean,
  searching = false,
): Objective {
  const updates: Record<string, tf.Tensor> = {};
  const wanted = wantedLayers(plan);
  const speak = (view: string): ReadonlyMap<string, Speech> =>
    new Map(
      plan.learners.map((learner) => {
        const { instance, graph, prefix } = learner;
        const {
          logits,
          outputs,
          updates: renewed,
        } = forward(
          ops,
          graph,
          required(tensors, instance),
          required(inputs, `${view}images`) as tf.Tensor4D,
          {
            training,
            wanted: wanted.get(instance) ?? [],
            dropoutMasks: withPrefix(inputs, `${view}dropout/${prefix}`),
            weightNoise: withPrefix(inputs, view + WEIGHT_NOISE + prefix),
          },
        );
        // Running statistics are those of the samples as they are.
        if (view === '')
          for (const [name, value] of Object.entries(renewed)) updates[`${instance}/${name}`] = value;
        return [instance, { logits, outputs }] as const;
      }),
    );
  const scene: Scene = {
    ops,
    plan,
    tensors,
    inputs,
    training,
    searching,
    updates,
    said: speak(''),
    strong: plan.strongView ? speak(STRONG) : null,
  };
  const parts: Record<string, tf.Scalar> = {};
  const contexts = new Map<string, readonly Context[]>();
  const losses = new Map<string, tf.Scalar>();
  for (const learner of plan.learners) {
    const own = partsOf(learner).map((part) => [part, valueOf(scene, learner, part, contexts)] as const);
    for (const [{ id }, value] of own) parts[partOutput(learner, id)] = value;
    const total = weightedSum(ops, plan, own, inputs);
    if (total !== null) losses.set(learner.instance, total);
  }
  const logits = new Map([...scene.said].map(([instance, speech]) => [instance, speech.logits]));
  return { losses, parts, logits, updates, contexts };
}

function valueOf(
  scene: Scene,
  learner: Learner,
  { id, lesson, penalty }: Part,
  contexts: Map<string, readonly Context[]>,
): tf.Scalar {
  if (lesson !== null) return taught(scene, learner, lesson, contexts);
  if (penalty === null) return byTask(scene, learner, id);
  const { outputs } = sayOf(scene, learner);
  const tensors = required(scene.tensors, learner.instance);
  return penaltyValue(scene.ops, learner.graph, penalty, tensors, { outputs, samples: scene.plan.samples });
}

/** What all parts of a step look at. */
interface Scene {
  readonly ops: Ops;
  readonly plan: PhasePlan;
  readonly tensors: LearnerTensors;
  readonly inputs: Tensors;
  readonly training: boolean;
  readonly searching: boolean;
  readonly updates: Record<string, tf.Tensor>;
  readonly said: ReadonlyMap<string, Speech>;
  readonly strong: ReadonlyMap<string, Speech> | null;
}

function weightedSum(
  ops: Ops,
  plan: PhasePlan,
  parts: readonly (readonly [Part, tf.Scalar])[],
  inputs: Tensors,
): tf.Scalar | null {
  const alone = plan.phase.loss === 'task';
  if (!alone && inputs['hardLabelWeight'] === undefined) return null;
  const counted = alone ? parts.filter(([{ penalty }], index) => index === 0 || penalty !== null) : parts;
  const terms = counted.map(([{ lesson, penalty, share }, value]) => {
    if (penalty !== null) return ops.mul<tf.Scalar>(value, share);
    if (alone) return value;
    const weight = required(inputs, lesson === null ? 'hardLabelWeight' : `weight/${lesson.id}`);
    return ops.mul<tf.Scalar>(value, share === 1 ? weight : ops.mul(weight, share));
  });
  return terms.reduce((sum, term) => ops.add(sum, term));
}

/** Cross-entropy, or distance from the images, of the learner or of one of its branches. */
function byTask(
  { ops, plan, inputs, said, training }: Scene,
  { instance, branches, graph }: Learner,
  part: string,
): tf.Scalar {
  const speech = said.get(instance);
  const member = branches?.members[Number(part.slice(taskPart(graph).length) || 1) - 1];
  const logits = member === undefined ? speech?.logits : speech?.outputs[member.logits];
  if (logits === undefined) throw new Error(`"${instance}" said nothing`);
  if (plan.imageLoss !== null) return imageLoss(ops, logits as tf.Tensor2D, inputs, plan.imageLoss);
  const { classes, settings } = plan;
  // Validation says how well the labels themselves are met.
  const read = training ? inputs : { labels: required(inputs, 'labels') };
  return crossEntropy(ops, logits as tf.Tensor2D, read, classes, training ? settings : {});
}

/** The unweighted loss of one lesson: of each speaker where it listens to each, their mean. */
function taught(
  scene: Scene,
  learner: Learner,
  lesson: Lesson,
  contexts: Map<string, readonly Context[]>,
): tf.Scalar {
  const { ops } = scene;
  const { term } = lesson;
  const silent: Side = { logits: sayOf(scene, learner).logits, maps: [], layers: [] };
  const heard = heardBy(ops, lesson, scene.said, scene.inputs, '');
  const strong = scene.strong === null ? [] : heardBy(ops, lesson, scene.strong, scene.inputs, STRONG);
  const own = (heard.length === 0 ? [quiet(ops, silent)] : heard).map((teacher, index) =>
    contextOf(scene, learner, lesson, teacher, strong[index] ?? null),
  );
  contexts.set(
    lesson.id,
    own.map(({ context }) => context),
  );
  const losses = own.map(({ context, added }) => {
    const loss = namingTerm(term, () => term.method.loss(ops, context));
    return added.reduce((sum, one) => ops.add(sum, one), loss);
  });
  return losses.length === 1 ? (losses[0] as tf.Scalar) : ops.div(ops.addN(losses), losses.length);
}

function quiet(ops: Ops, side: Side): Side {
  return { ...side, logits: ops.zerosLike(side.logits) };
}

function sayOf({ said }: Scene, { instance }: Learner): Speech {
  const speech = said.get(instance);
  if (speech === undefined) throw new Error(`"${instance}" said nothing`);
  return speech;
}

function contextOf(
  scene: Scene,
  learner: Learner,
  lesson: Lesson,
  teacher: Side,
  strongTeacher: Side | null,
): { readonly context: Context; readonly added: readonly tf.Scalar[] } {
  const { ops, inputs, training, searching, tensors } = scene;
  const { term, refiners, opponent } = lesson;
  const labels = required(inputs, 'labels') as tf.Tensor1D;
  const variables = tensors.get(learner.instance) ?? {};
  const update = (variable: string, value: tf.Tensor) => {
    scene.updates[`${learner.instance}/${variable}`] = value;
  };
  const given = { lesson: lesson.id, labels, scalars: inputs, variables, training, searching, update };
  const refine = (sides: { student: Side; teacher: Side }) => refineAll(ops, refiners, sides, given);
  const student = sideOf(sayOf(scene, learner), term.settings, 'student');
  const strongSpeech = scene.strong?.get(learner.instance);
  const strong =
    strongSpeech === undefined || strongTeacher === null
      ? null
      : refine({ student: sideOf(strongSpeech, term.settings, 'student'), teacher: strongTeacher }).sides;
  const beside = opponent === null ? {} : besideTensors(inputs, lesson);
  const { sides, losses: added } = refine({ student, teacher });
  const context = termContext(ops, lesson.id, term, {
    ...sides,
    strong,
    ...groupOf(scene, learner, term.method.needs.group !== undefined),
    teacherParameters: withPrefix(inputs, `weights/${lesson.speakers[0]?.instance ?? ''}/`),
    labels,
    indices: inputs['indices'] as tf.Tensor1D | undefined,
    scalars: inputs,
    variables: { ...variables, ...beside },
    training,
    update,
  });
  return { context, added };
}

/** Tensors of the network beside a learner, under the names by which the term's loss reads its variables. */
function besideTensors(inputs: Tensors, { id, term }: Lesson): Record<string, tf.Tensor> {
  const own = withPrefix(inputs, `beside/${id}/`);
  return Object.fromEntries(Object.entries(own).map(([name, tensor]) => [`term:${term.id}/${name}`, tensor]));
}

/** Everybody that learns together: the branches of one network, or the peers. */
function groupOf(
  scene: Scene,
  learner: Learner,
  wanted: boolean,
): { readonly group: readonly Member[]; readonly trunk: tf.Tensor4D | null } {
  if (!wanted) return { group: [], trunk: null };
  const { branches } = learner;
  const member = (speech: Speech, logits: tf.Tensor, embedding: string): Member => ({
    logits: logits as tf.Tensor2D,
    embedding: required(speech.outputs, embedding) as tf.Tensor2D,
  });
  if (branches !== null) {
    const speech = sayOf(scene, learner);
    const group = branches.members.map(({ logits, embedding }) =>
      member(speech, required(speech.outputs, logits), embedding),
    );
    const trunk = branches.trunk === null ? null : required(speech.outputs, branches.trunk);
    return { group, trunk: trunk as tf.Tensor4D | null };
  }
  const group = scene.plan.learners.map((one) => {
    const speech = sayOf(scene, one);
    return member(speech, speech.logits, one.graph.embedding);
  });
  return { group, trunk: null };
}
