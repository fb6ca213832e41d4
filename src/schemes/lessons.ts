import type { Phase, TrainedInstance } from './phase.ts';
import type { Combine } from './source.ts';

/** Somebody that a learner may hear: an instance of a model, and whether it stands still. */
export interface Speaker {
  readonly instance: string;
  readonly model: string;
  readonly kind: 'frozen' | 'peer' | 'copy';
}

/** Name of the model that a frozen instance is of: an earlier phase trained it, or it is a model of its own. */
export function modelOf(phases: readonly Phase[], instance: string): string {
  const found = phases.flatMap(({ train }) => train).find((one) => one.instance === instance);
  return found?.model ?? instance;
}

/** Whether a term reaches a learner. @param to whom the term names; undefined: nobody */
export function reaches(
  to: readonly string[] | undefined,
  { instance, model, named = false }: TrainedInstance,
): boolean {
  return to === undefined ? !named : to.includes(instance) || to.includes(model);
}

/**
 * Who speaks to a learner in a phase, for a term that names its teachers itself or leaves it to the scheme.
 * @param teachers `distill.from`: of several frozen instances only these speak to terms that name none
 * @param known all phases, which tell what frozen instances are of; `cycle`: of several peers only the one before is heard
 */
export function speakersOf(
  phase: Phase,
  learner: TrainedInstance,
  teachers: readonly string[],
  named: readonly string[] | null,
  known: { readonly phases?: readonly Phase[]; readonly cycle?: boolean } = {},
): readonly Speaker[] {
  if (phase.book !== undefined)
    return [{ instance: MERGED_BOOK, model: phase.freeze[0] ?? '', kind: 'frozen' }];
  const { phases = [], cycle = false } = known;
  if (named !== null) {
    return named
      .map((name) => speaker(phase, name, phases))
      .filter(({ instance }) => instance !== learner.instance);
  }
  const source = phase.source ?? { kind: 'frozen' };
  const others = cycle
    ? [before(phase, learner)]
    : phase.train.filter(({ instance }) => instance !== learner.instance);
  switch (source.kind) {
    case 'frozen': {
      const chosen = phase.freeze.filter((instance) => teachers.includes(instance));
      return (chosen.length === 0 ? phase.freeze : chosen).map((name) => speaker(phase, name, phases));
    }
    case 'peers':
      return others.map(({ instance, model }) => ({ instance, model, kind: 'peer' }));
    case 'copies':
      return (source.of === 'peers' ? others : [learner]).map(({ instance, model }) => ({
        instance: copyOf(instance),
        model,
        kind: 'copy',
      }));
    case 'itself':
      return [];
  }
}

/** `each`: the mean of the losses towards each speaker. */
export type Combination = Combine | { readonly kind: 'each' };

/** How several speakers become one for a term. @param named teachers that the term names itself: they are averaged */
export function combinationIn({ source }: Phase, named: readonly string[] | null): Combination {
  const own = named === null ? source : undefined;
  if (own?.kind === 'peers') return own.combine === 'each' ? { kind: 'each' } : { kind: 'average' };
  if (own?.kind === 'frozen') return own.combine;
  return { kind: 'average' };
}

/** Who speaks where teachers are merged to one book; shapes of its answers are those of the first of them. */
export const MERGED_BOOK = 'book:merged';

/** Name of the frozen copy of a learner. */
export function copyOf(instance: string): string {
  return `copy:${instance}`;
}

/** The learner before one in the cycle of all. */
function before({ train }: Phase, { instance }: TrainedInstance): TrainedInstance {
  const at = train.findIndex((one) => one.instance === instance);
  return train.at(at - 1) as TrainedInstance;
}

function speaker(phase: Phase, name: string, phases: readonly Phase[]): Speaker {
  const peer = phase.train.find(({ instance, model }) => instance === name || model === name);
  if (peer !== undefined) return { instance: peer.instance, model: peer.model, kind: 'peer' };
  const frozen = phase.freeze.includes(name)
    ? name
    : phase.freeze.find((instance) => modelOf(phases, instance) === name);
  const instance = frozen ?? name;
  return { instance, model: modelOf(phases, instance), kind: 'frozen' };
}
