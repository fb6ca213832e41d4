import { midmean, sum } from '../middle.ts';
import { isSearch, isShares, isStep, lengthOf, type Interval } from './spans.ts';
import type { Span } from './timeline.ts';

/** What steps take, in milliseconds. */
export interface Pace {
  /** From the end of one full step to the end of the next: batch, answers and all; its record and searches are not among it. */
  readonly step: number;
  /** The same of the last, smaller batch of an epoch; null where there is none. */
  readonly last: number | null;
  /** What searching adds to a step that it follows. */
  readonly search: number;
}

interface TimedStep extends Interval {
  readonly searching: number;
}

/**
 * Of steps between which nothing else was done than what every step does; of each graph by how often it ran. The first half
 * is warming up.
 */
export function paceOf(spans: readonly Span[]): Pace {
  const timed = timedSteps(spans);
  const alone = spans
    .filter(isStep)
    .map((span): TimedStep => ({ name: span.name, milliseconds: lengthOf(span), searching: 0 }));
  const all = timed.length > 0 ? timed : alone;
  const isLast = ({ name }: TimedStep) => /Last/.test(name);
  const [full, last] = [all.filter((one) => !isLast(one)), all.filter(isLast)];
  const counted = full.length > 0 ? full : last;
  const names = [...new Set(counted.map(({ name }) => name))];
  const total = names.map((name) => {
    const own = counted.filter((one) => one.name === name).map(({ milliseconds }) => milliseconds);
    return own.length * warm(own);
  });
  // Turns of several steps are followed by one search, and later epochs may have none.
  const searched = all.slice(0, all.findLastIndex((one) => one.searching > 0) + 1);
  const searching = searched.map((one) => one.searching).filter((milliseconds) => milliseconds > 0);
  return {
    step: sum(total) / counted.length,
    last: last.length === 0 || full.length === 0 ? null : warm(last.map(({ milliseconds }) => milliseconds)),
    search: (warm(searching) * searching.length) / Math.max(1, searched.length),
  };
}

/** Steps that came right after another one. */
function timedSteps(spans: readonly Span[]): TimedStep[] {
  const found: TimedStep[] = [];
  let from: number | null = null;
  let searching = 0;
  for (const span of spans) {
    if (isStep(span)) {
      if (from !== null)
        found.push({ name: span.name, milliseconds: span.end - from - searching, searching });
      [from, searching] = [span.end, 0];
    } else if (from !== null && isSearch(span)) searching = span.end - from;
    else if (from !== null && isWriting(span)) from += lengthOf(span);
    else if (span.kind !== 'graph' || isShares(span)) from = null;
  }
  return found;
}

/** Records come after some steps only. */
const isWriting = ({ kind }: Span): boolean => kind === 'record' || kind === 'progress';

function warm(milliseconds: readonly number[]): number {
  return midmean(milliseconds.slice(milliseconds.length >> 1));
}
