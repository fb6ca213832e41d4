import type { ModelGraph } from '../description.ts';
import { modelError } from '../problems.ts';
import { didYouMean } from '../../schema/suggest.ts';
import { ctc } from './ctc.ts';
import type { ModelModule, ModuleData } from './module.ts';
import { bayesian } from './bayesian.ts';
import { prune } from './prune.ts';
import { joints } from './joints.ts';
import { quantize } from './quantize.ts';
import { vam } from './vam.ts';

/** Every module that a model can be given. Settings differ in type from one to the other, so the list knows them as data. */
export const modules: readonly ModelModule[] = [vam, quantize, prune, bayesian, ctc, joints].map(
  (module) => module as unknown as ModelModule,
);

export function findModule(name: string): ModelModule | undefined {
  return modules.find((module) => module.name === name);
}

/** A module that a model is given. */
export interface ModuleSettings {
  readonly name: string;
  /** Over its defaults. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * The model with one more module.
 * @throws UserError KD2113 where the model has no place for it, KD2101 an unknown layer
 */
export function withModule(
  graph: ModelGraph,
  { name, settings }: ModuleSettings,
  data: ModuleData = { classNames: [] },
): ModelGraph {
  const found = findModule(name);
  if (found === undefined) {
    const names = modules.map((module) => module.name);
    throw modelError(
      'module',
      `there is no module "${name}"${didYouMean(name, names)}`,
      `Use one of: ${names.join(', ')}.`,
    );
  }
  const defaults = Object.entries(found.parameters.fields).flatMap(([key, field]) =>
    field.default === undefined ? [] : [[key, field.default] as const],
  );
  return found.apply(graph, { ...Object.fromEntries(defaults), ...settings }, data);
}
