import { parameterSpecs } from '../models/parameters.ts';
import type { NamedTensors } from './phase-program.ts';
import type { Learner } from './plan.ts';
import { withPrefix } from './step-function.ts';
import { answeringLesson } from './steps.ts';

/**
 * What is kept of a learner: the tensors of the model itself, without branches, adapters and memories. A method that gives it
 * another classifier adds what that answers from.
 */
export function keptTensors(learner: Learner, tensors: NamedTensors): NamedTensors {
  const own = new Set(parameterSpecs(learner.kept).map(({ name }) => name));
  const answering = answeringLesson(learner);
  for (const { name } of answering?.variables ?? []) own.add(name);
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => own.has(name)));
}

/** The shared tails of a learner as tensors of the model that they are made of; null where it has none. */
export function tailTensors({ branches }: Learner, tensors: NamedTensors): NamedTensors | null {
  const tails = branches?.tails ?? null;
  return tails === null ? null : withPrefix(tensors, tails.head);
}

/** The values of the first learner alone. */
export function withoutPeers<T>(
  values: Readonly<Record<string, T>>,
  learners: readonly Learner[],
): Record<string, T> {
  const prefixes = learners.map(({ prefix }) => prefix).filter((prefix) => prefix !== '');
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => !prefixes.some((prefix) => name.startsWith(prefix))),
  );
}
