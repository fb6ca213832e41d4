import type { NumericArray } from '../../compiler/graph.ts';
import type { VerifyCase } from '../../protocol/records.ts';
import type { Fixture } from '../fixture.ts';
import { fromChannelsLast } from '../layout.ts';
import { required } from '../step-function.ts';

/**
 * Accepts `|got − want| ≤ absolute + relative·|want|`, element by element.
 *
 * @param names of the step's inputs to the fixture's names of them
 * @param got `loss` and `gradient/<input>`
 */
export function compareCase(
  fixture: Fixture,
  names: ReadonlyMap<string, string>,
  got: Readonly<Record<string, NumericArray>>,
): Pick<VerifyCase, 'passed' | 'loss' | 'gradients'> {
  const { lossAbsolute, lossRelative, gradientRelative } = fixture.tolerance;
  const value = got['loss']?.[0] ?? NaN;
  const lossPassed = accepted(value, fixture.loss, lossAbsolute, lossRelative);
  const ourName = new Map([...names].map(([name, from]) => [from, name]));
  const gradients = Object.entries(fixture.gradients).map(([from, { data: want, absolute }]) => {
    const tensor = required(fixture.tensors, from);
    const data = got[`gradient/${ourName.get(from) ?? ''}`];
    if (data?.length !== want.length) return { name: from, maxError: NaN, passed: false };
    const ours = fromChannelsLast(tensor.layout, { shape: tensor.shape, data: Float32Array.from(data) }).data;
    let maxError = 0;
    let passed = true;
    want.forEach((expected, i) => {
      const actual = ours[i] ?? NaN;
      if (actual !== expected) maxError = Math.max(maxError, Math.abs(actual - expected));
      passed &&= accepted(actual, expected, absolute, gradientRelative);
    });
    return { name: from, maxError, passed };
  });
  return {
    passed: lossPassed && gradients.every((gradient) => gradient.passed),
    loss: {
      want: fixture.loss,
      got: value,
      error: value === fixture.loss ? 0 : Math.abs(value - fixture.loss),
    },
    gradients,
  };
}

function accepted(got: number, want: number, absolute: number, relative: number): boolean {
  if (Object.is(got, want) || got === want) return true;
  return Math.abs(got - want) <= absolute + relative * Math.abs(want);
}
