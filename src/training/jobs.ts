import type { Experiment } from '../config/experiment.ts';
import { tailsOf, type Phase } from '../schemes/phase.ts';

/** One training of a run: a phase under one seed. */
export interface Job {
  readonly phase: Phase;
  readonly seed: number;
}

/** The order of work: phase by phase, seed by seed, so that a phase is compiled once. */
export function listJobs({ phases, compare, train }: Experiment): readonly Job[] {
  return phases.flatMap((phase) =>
    (phase.perSeed ? compare.seeds : [train.seed]).map((seed) => ({ phase, seed })),
  );
}

/** Name under which the weights of a finished job are kept; a peer's by its instance. */
export function modelName(
  { phase, seed }: Job,
  learner: { readonly prefix: string; readonly instance: string } | null = null,
): string {
  return `${learner === null || learner.prefix === '' ? phase.name : learner.instance}-${seed}`;
}

/** Name under which the weights of a learner of a job are kept. */
export function modelOf(job: Job, instance: string): string {
  const isFirst = job.phase.train[0]?.instance === instance;
  return modelName(job, isFirst ? null : { prefix: `${instance}/`, instance });
}

/**
 * Under which name an earlier job kept the weights that a phase calls by this name: an instance that it trained, its own name,
 * its tails, or the networks beside its learners. Of the same seed where there is one; null where no job did.
 * @param done the jobs before
 */
export function keptName(name: string, done: readonly Job[], seed: number): string | null {
  const found = done.flatMap((job) => {
    const { phase } = job;
    if (phase.train.some(({ instance }) => instance === name)) return [{ job, kept: modelOf(job, name) }];
    if (phase.name === name) return [{ job, kept: modelName(job) }];
    return tailsOf(phase.name) === name ? [{ job, kept: tailsName(job) }] : [];
  });
  return (found.find(({ job }) => job.seed === seed) ?? found[0])?.kept ?? null;
}

/** Name under which the shared tails of a finished job are kept. */
export function tailsName({ phase, seed }: Job): string {
  return `${tailsOf(phase.name)}-${seed}`;
}
