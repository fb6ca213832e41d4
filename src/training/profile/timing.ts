import { WARM_UP } from './open-phase.ts';

/**
 * Milliseconds of each of several things to do, in turns, so that what disturbs the machine disturbs all of them; the first
 * rounds do not count.
 */
export async function timesInTurns(
  work: ReadonlyMap<string, () => Promise<unknown>>,
  rounds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map([...work.keys()].map((name) => [name, [] as number[]] as const));
  for (let round = 0; round < WARM_UP + rounds; round++) {
    for (const [name, run] of work) {
      const before = performance.now();
      await run();
      if (round >= WARM_UP) times.get(name)?.push(performance.now() - before);
    }
  }
  return times;
}

/** Round by round: what disturbs a round disturbs both. */
export function byRound(
  some: readonly number[],
  others: readonly number[],
  of: (one: number, other: number) => number,
): readonly number[] {
  return some.map((time, round) => of(time, others[round] ?? NaN));
}

/** Of `share` of the values none is larger. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
