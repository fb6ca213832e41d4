import type { Field, ObjectField, ObjectValue } from '../../schema/field.ts';
import type { ModelGraph } from '../description.ts';
import type { ArchitectureFamily } from '../zoo/family.ts';

/**
 * A procedure of the student's side: data plus one function that changes a model. Modules stand under `models.<name>.modules`,
 * are applied in their order, and belong to the model wherever it learns or answers.
 */
export interface ModelModule<S extends Readonly<Record<string, Field>> = Readonly<Record<string, Field>>> {
  /** The config key; the file carries the same name. */
  readonly name: string;
  readonly title: string;
  /** One line for completion. */
  readonly summary: string;
  /** Plain Unicode text, one equation a line. */
  readonly formula: string;
  readonly papers: readonly ArchitectureFamily['paper'][];
  readonly parameters: ObjectField<ObjectValue<S>> & { readonly fields: S };
  /** What flows where, drawn in plain text. */
  readonly figure?: string;
  /** What the paper leaves open and was chosen here, and limits. */
  readonly notes: readonly string[];
  /** What `kd export` makes of it. */
  readonly exported: string;
  /** @throws UserError where the model has no place for it */
  apply(graph: ModelGraph, settings: ObjectValue<S>, data: ModuleData): ModelGraph;
}

/** What a module may know of the data. */
export interface ModuleData {
  /** Names of the classes that the model tells apart, in the order of its logits. */
  readonly classNames: readonly string[];
}

/** Keeps the settings' types of one module while the list of modules holds them all alike. */
export function defineModule<S extends Readonly<Record<string, Field>>>(
  module: ModelModule<S>,
): ModelModule<S> {
  return module;
}
