import type { Diagnostic } from '../config/diagnostic.ts';
import type { Block, Completion, ConfigSymbol, Hover, LanguageContext } from '../config/language/types.ts';
import type { Position } from '../protocol/errors.ts';

/** What the server translates: the config language as plain functions of a text. */
export interface Language {
  check(text: string, context: LanguageContext): readonly Diagnostic[];
  complete(text: string, position: Position, context: LanguageContext): readonly Completion[];
  hover(text: string, position: Position, context: LanguageContext): Hover | null;
  symbols(text: string): readonly ConfigSymbol[];
  blocks(text: string): readonly Block[];
}
