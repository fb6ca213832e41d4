import { ACTIVITY } from '../activity.ts';
import { median } from '../middle.ts';
import type { Span } from './timeline.ts';

/** A step of training: of everybody, of some in their turn, or of a generator. */
export const isStep = ({ kind, name }: Span): boolean =>
  kind === 'graph' && /^(train|accumulate|generate)/.test(name);
/** A step of what refiners search, on validation samples. */
export const isSearch = ({ kind, name }: Span): boolean => kind === 'graph' && name.startsWith('search/');
export const isShares = (span: Span): boolean => isGraph(span, 'shares');
/** Teachers answering a batch, for the steps or for a book. */
export const isAnswer = ({ kind, name }: Span): boolean => kind === 'graph' && /^(answers|book)\//.test(name);
export const isPredict = ({ kind, name }: Span): boolean => kind === 'graph' && name.startsWith('predict');
/** Looking for neurons that fell silent. */
export const isActivity = (span: Span): boolean => isGraph(span, ACTIVITY);
/** Layers of teacher or student for their comparison. */
export const isProbe = (span: Span): boolean => isGraph(span, 'probeTeacher') || isGraph(span, 'probe');
/** Where teacher or student look. */
export const isAttention = ({ kind, name }: Span): boolean =>
  kind === 'graph' && name.startsWith('attention');
/** What pictures of an epoch are drawn from. */
export const isDrawing = (span: Span): boolean => isGraph(span, 'regions') || isGraph(span, 'targets');
export const lengthOf = ({ start, end }: Span): number => end - start;

function isGraph({ kind, name }: Span, graph: string): boolean {
  return kind === 'graph' && name === graph;
}

/** One of several graphs that ran one after another. */
export interface Interval {
  readonly name: string;
  readonly milliseconds: number;
}

/** Of graphs that ran one after another: from the end of the span before to the end of each. */
export function intervals(spans: readonly Span[], matches: (span: Span) => boolean): Interval[] {
  return spans.flatMap((span, at) => {
    if (!matches(span)) return [];
    const before = spans[at - 1];
    const start = before !== undefined && matches(before) ? before.end : span.start;
    return [{ name: span.name, milliseconds: span.end - start }];
  });
}

/** The median of each graph, by its name. */
export function medians(runs: readonly Interval[]): ReadonlyMap<string, number> {
  const names = [...new Set(runs.map(({ name }) => name))];
  return new Map(
    names.map((name) => [
      name,
      median(runs.filter((run) => run.name === name).map(({ milliseconds }) => milliseconds)),
    ]),
  );
}
