import type { VerifyCase, VerifyReport } from '../protocol/records.ts';
import { tableText } from './table.ts';

/** For each executor every golden case and the worst of each method; then what the outcome is. */
export function verifyText({ cases, passed, failed, unknown, executors, refused }: VerifyReport): string {
  const each = executors.map((name) =>
    executorText(
      name,
      cases.filter(({ executor }) => executor === name),
    ),
  );
  const others = refused.map(({ name, reason }) => `not on ${name}: ${reason}`);
  const missing = unknown.length === 0 ? [] : [`not in the catalogue, not checked: ${unknown.join(', ')}`];
  return [...each, ...others, ...missing, `${passed} passed, ${failed} failed`].join('\n');
}

function executorText(name: string, cases: readonly VerifyCase[]): string {
  const each = tableText(
    ['', 'method', 'case', 'expected', 'got', 'error', 'worst gradient'],
    cases.map((one) => [one.passed ? 'ok' : 'FAILED', one.method, one.id, ...numbersOf(one)]),
    ['left', 'left', 'left', 'right', 'right', 'right', 'right'],
  );
  const worst = tableText(
    ['', 'method', 'cases', 'worst error', 'worst gradient error'],
    byMethod(cases).map(([method, ones]) => [
      ones.every((one) => one.passed) ? 'ok' : 'FAILED',
      method,
      `${ones.length}`,
      text(largest(ones.map((one) => one.loss.error)), 2),
      text(largest(ones.map(worstGradient)), 2),
    ]),
    ['left', 'left', 'right', 'right', 'right'],
  );
  const why = cases
    .filter(({ message }) => message !== undefined)
    .map(({ id, message }) => `${id}: ${message ?? ''}`);
  return [`on ${name}`, '', each, '', worst, '', ...why].join('\n');
}

function byMethod(cases: readonly VerifyCase[]): readonly (readonly [string, readonly VerifyCase[]])[] {
  const names = [...new Set(cases.map((one) => one.method))];
  return names.map((name) => [name, cases.filter((one) => one.method === name)] as const);
}

/** JSON has no NaN: a case that could not be computed carries null. */
type Measured = number | null;

function numbersOf(one: VerifyCase): string[] {
  const { want, got, error } = one.loss as Readonly<Record<'want' | 'got' | 'error', Measured>>;
  return [text(want, 7), text(got, 7), text(error, 2), text(worstGradient(one), 2)];
}

function worstGradient({ gradients }: VerifyCase): Measured {
  return largest(gradients.map(({ maxError }) => maxError));
}

/** The largest of all, null where one of them is unknown or there is none. */
function largest(errors: readonly Measured[]): Measured {
  return errors.reduce<Measured>(
    (worst, error) => (worst === null || error === null ? null : Math.max(worst, error)),
    errors.length === 0 ? null : 0,
  );
}

function text(value: Measured, digits: number): string {
  return value === null ? '—' : value.toPrecision(digits);
}
