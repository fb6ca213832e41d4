import type { NumericArray, StepGraph, TensorSpec } from '../compiler/graph.ts';
import { sizeOf } from '../compiler/shape.ts';
import { UserError } from '../protocol/errors.ts';

export type StateSpec = Omit<TensorSpec, 'role'>;

/** The state that graphs share, by name. */
export function sharedState(graphs: Readonly<Record<string, StepGraph>>): Map<string, StateSpec> {
  return stateOf(
    Object.values(graphs).map(({ name, inputs }) => ({
      name,
      specs: Object.fromEntries(inputs.map(({ name: input, role, value }) => [input, { ...value, role }])),
    })),
  );
}

/** The state that steps share, by name. */
export function stateOf(
  steps: readonly { readonly name: string; readonly specs: Readonly<Record<string, TensorSpec>> }[],
): Map<string, StateSpec> {
  const state = new Map<string, StateSpec>();
  for (const step of steps) {
    for (const [name, { role, shape, dtype }] of Object.entries(step.specs)) {
      if (role !== 'state') continue;
      const known = state.get(name);
      if (known !== undefined && (known.dtype !== dtype || known.shape.join() !== shape.join())) {
        throw mismatch(
          `state "${name}" is [${known.shape.join(', ')}] in one graph and [${shape.join(', ')}] in ${step.name}`,
        );
      }
      state.set(name, { shape, dtype });
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
