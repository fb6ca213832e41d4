import type { Verdict } from './records.ts';
import {
  count,
  finite,
  list,
  literal,
  Mismatch,
  nullable,
  object,
  optional,
  text,
  type Shape,
} from './shape.ts';

/** Shapes of a verdict, which several messages hold. */

const LONGEST_NAME = 500;
const LONGEST_NOTE = 4_000;
const name = text(LONGEST_NAME);

export const verdictWord = literal('BEATS', 'NO BEATS', 'INCONCLUSIVE');

export const interval: Shape<readonly [number, number] | null> = nullable((value, place) => {
  const [low, high, ...rest] = list(finite, 2)(value, place);
  if (low === undefined || high === undefined || rest.length > 0)
    throw new Mismatch(place, 'a pair of numbers');
  return [low, high] as const;
});

export const verdictFields = {
  verdict: verdictWord,
  metric: name,
  difference: finite,
  unit: literal('points', 'nats', 'dB'),
  interval,
  level: finite,
  pairs: count,
  test: name,
  seedsToDecide: optional(nullable(count)),
  lastEpoch: optional(object({ difference: finite, interval })),
  compared: optional(object({ student: name, baseline: name })),
  note: optional(text(LONGEST_NOTE)),
};
export const verdict = object<Verdict>(verdictFields);
