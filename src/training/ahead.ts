import type * as tf from '@tensorflow/tfjs-core';
import { slotsBeside } from './learner-state.ts';
import { opponentStep } from './opponent-step.ts';
import type { Opponent } from './opponents.ts';
import type { NamedTensors } from './phase-program.ts';
import type { PhasePlan } from './plan.ts';
import { heardBy } from './say.ts';
import { lessonScalars, lossSpecs, scalarSpecs, stateSpecs } from './specs.ts';
import { required, withPrefix, type StepFunction } from './step-function.ts';
import { withWeights, type Step } from './steps.ts';
import { namingTerm, termContext, type Context } from './terms.ts';
import { opponentScalars } from './train-step.ts';

/**
 * One step of the networks beside learners alone, from what the frozen models say: nobody else moves or even answers.
 * Outputs: `loss` (the sum), `opponent/<lesson>`, and their new state.
 */
export function aheadStep(plan: PhasePlan, batch: number): Step {
  const step: StepFunction = (ops, given) => {
    const inputs = withWeights(ops, plan, given);
    const outputs: Record<string, tf.Tensor> = {};
    const losses: tf.Scalar[] = [];
    for (const opponent of plan.opponents) {
      const lesson = plan.learners.flatMap(({ lessons }) => lessons).find(({ id }) => id === opponent.lesson);
      if (lesson === undefined) throw new Error(`there is no lesson "${opponent.lesson}"`);
      const contexts = heardBy(ops, lesson, new Map(), inputs, '').map((teacher): Context => {
        const labels = required(inputs, 'labels') as tf.Tensor1D;
        return termContext(ops, lesson.id, lesson.term, {
          // It reads the teacher alone; nobody has learned anything yet.
          student: teacher,
          teacher,
          strong: null,
          group: [],
          trunk: null,
          teacherParameters: withPrefix(inputs, `weights/${lesson.speakers[0]?.instance ?? ''}/`),
          labels,
          indices: inputs['indices'] as tf.Tensor1D | undefined,
          scalars: inputs,
          variables: {},
          training: true,
          update: () => undefined,
        });
      });
      Object.assign(
        outputs,
        namingTerm(lesson.term, () => opponentStep(ops, opponent, contexts, inputs)),
      );
      losses.push(outputs[`opponent/${lesson.id}`] as tf.Scalar);
    }
    outputs['loss'] = ops.addN(losses);
    return outputs;
  };
  const said = Object.entries(lossSpecs(plan, batch)).filter(([name]) => name !== 'images');
  return {
    step,
    specs: {
      ...Object.fromEntries(said),
      ...stateSpecs(plan.opponents.flatMap(slotsBeside).map(({ vector, layout }) => [vector, layout])),
      ...scalarSpecs(lessonScalars(plan, false)),
      ...scalarSpecs(plan.opponents.flatMap(opponentScalars)),
    },
  };
}

/** Name of one tensor of a network beside a learner among those that its phase keeps. */
export function keptBeside(plan: PhasePlan, { learner, term }: Opponent, name: string): string {
  const index = plan.learners.findIndex(({ instance }) => instance === learner);
  return `${index}/${term.id}|${name}`;
}

/** The tensors of one network beside a learner among all that a phase kept. */
export function fromKept(plan: PhasePlan, opponent: Opponent, kept: NamedTensors): NamedTensors {
  return withPrefix(kept, keptBeside(plan, opponent, ''));
}
