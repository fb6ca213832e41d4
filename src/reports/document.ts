import type { Translations } from '../protocol/say.ts';
import type { Table } from './table.ts';

/** The language of a report. What is not translated stays English; so does what a run has recorded in words. */
export interface ReportLanguage {
  readonly name: string;
  readonly translations: Translations;
}

export const ENGLISH: ReportLanguage = { name: 'en', translations: {} };

/** A report as data: what stands in it, not how. `html.ts` and `markdown.ts` write it. */
export interface ReportDocument {
  readonly title: string;
  /** One line under the title. */
  readonly subtitle: string;
  /** As HTML names it: `en`, `de`, `pt-br`. */
  readonly language: string;
  readonly sections: readonly Section[];
}

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'verdict'; readonly word: string; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [string, string])[] }
  | { readonly kind: 'table'; readonly table: Table }
  /** A drawing with what it shows in words, and the same as a table where the drawing cannot be. */
  | { readonly kind: 'figure'; readonly svg: string; readonly caption: string; readonly table: Table | null }
  | { readonly kind: 'code'; readonly summary: string; readonly text: string };

export const tableBlock = (table: Table): Block => ({ kind: 'table', table });
