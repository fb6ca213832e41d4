import type { Phase } from '../schemes/phase.ts';
import type { PhaseProgram } from './phase-program.ts';
import type { PhasePlan } from './plan.ts';

/** How long it took until the steps of a phase could run. */
export function compiledText(phase: string, { compilation, compileMilliseconds }: PhaseProgram): string {
  const { graphs, reused } = compilation;
  const before = reused === 0 ? '' : `, ${reused} of them compiled before`;
  return `${phase}, all seeds: ${graphs} graphs ready in ${Math.round(compileMilliseconds)} ms${before}`;
}

/** What a phase is about to do, in a sentence. */
export function announcement(phase: Phase, seed: number, plan: PhasePlan): string {
  const { learners, learner } = plan;
  const epochs = `${phase.epochs} ${phase.epochs === 1 ? 'epoch' : 'epochs'}`;
  const names = learners.map(({ kept }) => kept.architecture).join(' and ');
  const verb = learners.length === 1 ? 'learns' : 'learn';
  const head = `${phase.name}, seed ${seed}:`;
  if (phase.epochs === 0) return `${head} the best of ${learner.continues.join(', ')} on validation.`;
  if (phase.loss === 'ahead') {
    const terms = [...new Set(plan.opponents.map(({ term }) => term.id))].join(' and ');
    return `${head} what stands beside ${terms} learns for ${epochs}, from ${plan.teachers.map(({ model }) => model).join(' and ')}, before anybody learns from it.`;
  }
  return `${head} ${names} ${verb} for ${epochs}, ${taughtBy(plan)}.`;
}

function taughtBy({ phase, teachers, learners, copies, learner }: PhasePlan): string {
  if (phase.loss === 'task') return 'taught by labels alone';
  const by = teachers.map(({ model }) => model);
  if (learners.length > 1) by.push('one another');
  if (copies.length > 0 && learners.length === 1) by.push('an earlier state of itself');
  if (learner.branches !== null) by.push('its own branches');
  return by.length === 0 ? 'taught by itself' : `taught by ${by.join(' and ')}`;
}
