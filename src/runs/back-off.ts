import { randomInt } from 'node:crypto';

const STEP_MILLISECONDS = 80;

/**
 * How long somebody steps back who met another one at the same moment: longer with each attempt, never not at all, and at random,
 * so that two of them hardly come back together, nor ever do so again and again. In milliseconds, from 80 to 160 at the first attempt.
 *
 * @param attempt from 1
 * @param draw a whole number from 0 to below its bound
 */
export function backOffMilliseconds(attempt: number, draw: (bound: number) => number = randomInt): number {
  return attempt * (STEP_MILLISECONDS + draw(STEP_MILLISECONDS + 1));
}
