import { initialParameters } from '../models/initialize.ts';
import { parameterSpecs } from '../models/parameters.ts';
import type { StoredTensor } from '../runs/writer.ts';
import { initialValue } from './initial-value.ts';
import type { NamedTensors } from './phase-program.ts';
import type { PhasePlan } from './plan.ts';

/**
 * What a job starts from. Student and baseline of one seed start alike: their weights are drawn by model, not by instance.
 */
export function initialTensors({ learner, terms }: PhasePlan, seed: number): NamedTensors {
  const values = initialParameters(learner.graph, seed, learner.model);
  const tensors: Record<string, StoredTensor> = {};
  for (const { name, shape } of parameterSpecs(learner.graph)) {
    tensors[name] = { shape, data: values[name] ?? new Float32Array() };
  }
  for (const variable of terms.flatMap((term) => term.variables)) {
    tensors[variable.name] = {
      shape: variable.shape,
      data: initialValue(variable, seed, `init/${variable.name}`),
    };
  }
  return tensors;
}
