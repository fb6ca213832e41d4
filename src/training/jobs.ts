import type { Experiment } from '../config/experiment.ts';
import type { Phase } from '../schemes/phase.ts';

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

/** Where the weights of a frozen instance come from: an earlier job of this run, or null. */
export function jobThatTrained(instance: string, jobs: readonly Job[], seed: number): Job | null {
  const found = jobs.filter(({ phase }) => phase.train.some((trained) => trained.instance === instance));
  return found.find((job) => job.seed === seed) ?? found[0] ?? null;
}
