import type { ScheduledNumber } from '../config/experiment.ts';
import type { Field } from '../schema/field.ts';

/** Parameters that may follow a schedule, which reach a step as inputs, and those that are known when it is made. */
export interface ParameterKinds {
  readonly plain: Readonly<Record<string, unknown>>;
  readonly scheduled: Readonly<Record<string, ScheduledNumber>>;
}

/** @param given the settings as the config has them; defaults fill in the rest */
export function parameterKinds(
  fields: Readonly<Record<string, Field>>,
  given: Readonly<Record<string, unknown>>,
): ParameterKinds {
  const plain: Record<string, unknown> = {};
  const scheduled: Record<string, ScheduledNumber> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = given[name] ?? field.default;
    if (field.kind === 'number' && field.schedulable) scheduled[name] = value as ScheduledNumber;
    else plain[name] = value;
  }
  return { plain, scheduled };
}
