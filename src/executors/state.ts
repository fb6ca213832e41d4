import type { NumericArray, StepGraph, TensorSpec } from '../compiler/graph.ts';
import { sizeOf } from '../compiler/shape.ts';
import { UserError } from '../protocol/errors.ts';

export type StateSpec = Omit<TensorSpec, 'role'>;

/** The state that graphs share, by name. */
export function sharedState(graphs: Readonly<Record<string, StepGraph>>): Map<string, StateSpec> {
  const state = new Map<string, StateSpec>();
  for (const graph of Object.values(graphs)) {
    for (const { name, role, value } of graph.inputs) {
      if (role !== 'state') continue;
      const known = state.get(name);
      if (known !== undefined && (known.dtype !== value.dtype || known.shape.join() !== value.shape.join())) {
        throw mismatch(
          `state "${name}" is [${known.shape.join(', ')}] in one graph and [${value.shape.join(', ')}] in ${graph.name}`,
        );
      }
      state.set(name, { shape: value.shape, dtype: value.dtype });
    }
  }
  return state;
}

/** Values given for one tensor, checked against its size. */
export function checkedValues(what: string, spec: StateSpec, values: NumericArray | undefined): NumericArray {
  const size = sizeOf(spec.shape);
  if (values === undefined) throw mismatch(`no values were given for ${what}`);
  if (values.length !== size)
    throw mismatch(`${what} holds ${size} numbers ([${spec.shape.join(', ')}]), ${values.length} were given`);
  return values;
}

export function unknownName(kind: string, name: string, known: Iterable<string>): UserError {
  return mismatch(`there is no ${kind} "${name}" (there are: ${[...known].join(', ')})`);
}

function mismatch(message: string): UserError {
  return new UserError({
    code: 'KD6010',
    message,
    help: 'The model and the values do not belong together: check that the checkpoint or the data come from the same configuration.',
  });
}
