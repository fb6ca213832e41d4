import type { VariableSpec } from '../methods/method.ts';
import { initialParameters } from '../models/initialize.ts';
import { parameterSpecs } from '../models/parameters.ts';
import type { StoredTensor } from '../runs/writer.ts';
import { initialValue } from './initial-value.ts';
import type { Opponent } from './opponents.ts';
import type { NamedTensors } from './phase-program.ts';
import type { Learner } from './plan.ts';
import { streamOf } from './step-feeds.ts';

/**
 * What a learner starts from. Student and baseline of one seed start alike: their weights are drawn by model, not by instance.
 */
export function initialTensors(
  {
    graph,
    model,
    variant,
    prefix,
    lessons,
  }: Pick<Learner, 'graph' | 'model' | 'variant' | 'prefix' | 'lessons'>,
  seed: number,
): NamedTensors {
  const values = initialParameters(graph, seed, streamOf(model, variant));
  const tensors: Record<string, StoredTensor> = {};
  for (const { name, shape } of parameterSpecs(graph)) {
    tensors[name] = { shape, data: values[name] ?? new Float32Array() };
  }
  for (const variable of lessons.flatMap(({ variables }) => variables)) {
    tensors[variable.name] = drawn(variable, seed, `init/${prefix}${variable.name}`);
  }
  return tensors;
}

/** What the network beside a learner starts from. */
export function initialBeside({ instance, variables }: Opponent, seed: number): NamedTensors {
  return Object.fromEntries(
    variables.map((variable) => [variable.name, drawn(variable, seed, `init/${instance}/${variable.name}`)]),
  );
}

function drawn(variable: VariableSpec, seed: number, stream: string): StoredTensor {
  return { shape: variable.shape, data: initialValue(variable, seed, stream) };
}
