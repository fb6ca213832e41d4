import type { DegradationSettings } from '../data/degradation.ts';
import type { TaskSettings } from './experiment.ts';
import type { ConfigValue, LooseConfig } from './loose.ts';

/** The task of a config without faults, and how poor images are made where it is about images. */
export function taskSettings({ reconstruction }: ConfigValue['task']): {
  readonly task: TaskSettings;
  readonly degradation: DegradationSettings | null;
} {
  if (reconstruction === undefined) return { task: { kind: 'classification' }, degradation: null };
  const { loss, degradation } = reconstruction;
  return { task: { kind: 'reconstruction', loss }, degradation: wholeDegradation(degradation.undersampling) };
}

/** How poor images are made, as far as a config says it; null where classes are to be told apart. */
export function degradationOf({ task }: LooseConfig): DegradationSettings | null {
  return task?.reconstruction === undefined
    ? null
    : wholeDegradation(task.reconstruction.degradation?.undersampling);
}

interface Written {
  readonly acceleration?: number | undefined;
  readonly centre?: number | undefined;
  readonly seed?: number | undefined;
}

/** A faulty setting stands as if nothing were skipped, so that the rest is checked all the same. */
function wholeDegradation({ acceleration = 1, centre = 1, seed = 0 }: Written = {}): DegradationSettings {
  return { kind: 'undersampling', acceleration, centre, seed };
}
