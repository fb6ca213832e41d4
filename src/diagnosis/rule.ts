import type { Finding } from '../protocol/diagnosis.ts';
import type { Say } from '../protocol/say.ts';
import type { Evidence } from './evidence.ts';

/** What a rule says of a run: what it found, nothing, or why it could not look. */
export type Looked = Omit<Finding, 'rule' | 'source'> | null | { readonly unable: string };

/** One way in which training or distilling goes wrong. */
export interface Rule {
  readonly name: string;
  /** The complaint in a few words, for headings. */
  readonly title: string;
  /** When it speaks, with its numbers. */
  readonly criterion: string;
  /** Paper, or the measurement that its numbers come from. */
  readonly source: string;
  /** @param say puts what it found into words */
  readonly look: (evidence: Evidence, say: Say) => Looked;
}

/** "82.1 %" */
export function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** Three significant digits, without an exponent where it reads well. */
export function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A number as an experiment file has it. */
export function plain(value: number): string {
  return String(Number(value.toPrecision(2)));
}
