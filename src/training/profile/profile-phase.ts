import { liveMemory } from '../../compiler/live-memory.ts';
import { optimize } from '../../compiler/optimize.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { ProfiledPhase } from '../../protocol/records.ts';
import type { Phase } from '../../schemes/phase.ts';
import { slotsOf } from '../learner-state.ts';
import { answersGraph } from '../phase-program.ts';
import { planPhase, type PhasePlan, type PlannedModel } from '../plan.ts';
import { trainStep } from '../train-step.ts';
import { OpenPhase, type ProfileOptions } from './open-phase.ts';
import { forwardStep, gradientStep } from './partial-steps.ts';
import { median } from '../middle.ts';
import { byRound, timesInTurns } from './timing.ts';

/**
 * Where the time and memory of a phase's training step go. Parts are told apart by steps that end early (with the loss, with the
 * gradient), terms by steps without them, all of them measured in turns, so that what disturbs the machine disturbs all. Where images
 * are made, it is the student's step, making them included; the generator's own is left out.
 */
export async function profilePhase(phase: Phase, options: ProfileOptions): Promise<ProfiledPhase> {
  const { experiment, executor } = options;
  const open = await OpenPhase.open(phase, options);
  try {
    const { plan, batch, count, train } = open;
    await open.load('forward', plan, forwardStep);
    await open.load('gradient', plan, gradientStep);
    const terms = plan.learner.lessons.map(({ term }) => term);
    for (const { id } of terms)
      await open.load(`without ${id}`, planPhase(without(experiment, id), phase, count), trainStep);
    const { feeds, batchTimes } = await open.feeds();
    const work = [...open.steps].map(([name, step]) => [name, () => step.run(feeds)] as const);
    const times = await timesInTurns(new Map(work), options.runs);
    const timesOf = (name: string) => times.get(name) ?? [];
    const timeOf = (name: string) => median(timesOf(name));
    const answering = plan.teachers.reduce((sum, teacher) => sum + timeOf(answersGraph(teacher)), 0);
    const parts = {
      batch: median(batchTimes),
      teacher: open.hasStoredAnswers ? 0 : answering,
      // Differences of medians, so that the parts add up to the step.
      forward: timeOf('forward'),
      backward: timeOf('gradient') - timeOf('forward'),
      update: timeOf('train') - timeOf('gradient'),
    };
    const live = liveMemory(optimize(train.graph));
    return {
      phase: phase.name,
      architecture: plan.learner.graph.architecture,
      batch,
      steps: phase.epochs * (phase.generator?.stepsPerEpoch ?? Math.ceil(count / batch)),
      milliseconds: parts.batch + parts.teacher + timeOf('train'),
      parts,
      storedAnswers: open.hasStoredAnswers ? answering : null,
      terms: terms.map(({ id }) => ({
        id,
        milliseconds: median(
          byRound(timesOf('train'), timesOf(`without ${id}`), (whole, rest) => whole - rest),
        ),
      })),
      operations:
        (await executor.profile?.(train.graph, train.state, train.taken(feeds), options.runs)) ?? null,
      memory: { ...stateBytes(plan), batch: bytesOf(Object.values(train.taken(feeds))), values: live.peak },
      peak: live.kernels,
    };
  } finally {
    await open.dispose();
  }
}

function without(experiment: Experiment, id: string): Experiment {
  const { distill } = experiment;
  return { ...experiment, distill: { ...distill, terms: distill.terms.filter((term) => term.id !== id) } };
}

function stateBytes(plan: PhasePlan): { learner: number; optimizer: number; teacher: number } {
  const model = ({ parameters, statistics }: PlannedModel) =>
    (parameters.size + statistics.size) * Float32Array.BYTES_PER_ELEMENT;
  const slots = plan.learners
    .flatMap((learner) => slotsOf(plan, learner))
    .reduce((sum, { layout }) => sum + layout.size, 0);
  return {
    learner: plan.learners.reduce((sum, learner) => sum + model(learner), 0),
    optimizer: slots * Float32Array.BYTES_PER_ELEMENT,
    teacher: plan.teachers.reduce((sum, teacher) => sum + model(teacher), 0),
  };
}

function bytesOf(arrays: readonly { readonly byteLength: number }[]): number {
  return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
