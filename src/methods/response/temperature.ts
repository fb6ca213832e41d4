import { number } from '../../schema/field.ts';

/** The temperature T that logits are divided by before a softmax: a parameter that most response losses share. */
export function temperature(value: number, source: string, doc = 'Softens both distributions.') {
  return number({ doc, default: value, exclusiveMinimum: 0, maximum: 1000, schedulable: true, source });
}
