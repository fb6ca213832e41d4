import type { Phase, TrainedInstance } from './phase.ts';

/** Somebody that a learner may hear: an instance of a model, and whether it stands still. */
export interface Speaker {
  readonly instance: string;
  readonly model: string;
  readonly kind: 'frozen' | 'peer' | 'copy';
}

/**
 * Who speaks to a learner in a phase, for a term that names its teachers itself or leaves it to the scheme.
 * @param teachers `distill.from`: of several frozen instances only these speak to terms that name none
 */
export function speakersOf(
  phase: Phase,
  learner: TrainedInstance,
  teachers: readonly string[],
  named: readonly string[] | null,
): readonly Speaker[] {
  if (named !== null) return named.map((name) => speaker(phase, name));
  const source = phase.source ?? { kind: 'frozen' };
  const others = phase.train.filter(({ instance }) => instance !== learner.instance);
  switch (source.kind) {
    case 'frozen': {
      const chosen = phase.freeze.filter((instance) => teachers.includes(instance));
      return (chosen.length === 0 ? phase.freeze : chosen).map((name) => speaker(phase, name));
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

/** Name of the frozen copy of a learner. */
export function copyOf(instance: string): string {
  return `copy:${instance}`;
}

function speaker(phase: Phase, name: string): Speaker {
  const peer = phase.train.find(({ instance, model }) => instance === name || model === name);
  return peer === undefined
    ? { instance: name, model: name, kind: 'frozen' }
    : { instance: peer.instance, model: peer.model, kind: 'peer' };
}
