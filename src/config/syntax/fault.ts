import type { Code } from '../codes.ts';
import type { Patch } from './patched.ts';

/** What is wrong with the text, in offsets of the text that was parsed. */
export interface SyntaxFault {
  readonly code: Code;
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly help: string;
  readonly fix: { readonly title: string; readonly patches: readonly Patch[] } | null;
  /** Mends the text so that the rest can be read; empty where the parser copes. */
  readonly repair: readonly Patch[];
}

/** One line without its line end. */
export interface Line {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function lineAround(text: string, offset: number): Line {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const found = text.indexOf('\n', offset);
  const end = found === -1 ? text.length : found;
  return { start, end, text: text.slice(start, end).replace(/\r$/, '') };
}

/** Empties a line from its first character on, keeping its length. */
export function blank(text: string, offset: number): Patch[] {
  const line = lineAround(text, offset);
  const content = line.text.trimStart();
  const start = line.start + line.text.length - content.length;
  return content === '' ? [] : [{ start, end: start + content.length, text: ' '.repeat(content.length) }];
}
