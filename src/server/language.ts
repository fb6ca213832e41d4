import type { Diagnostic, TextEdit } from '../config/diagnostic.ts';
import type {
  Block,
  Completion,
  ConfigSymbol,
  FileRange,
  Fold,
  Hint,
  Hover,
  LanguageContext,
  Link,
  Refactoring,
  Token,
} from '../config/language/types.ts';
import type { Position, Range } from '../protocol/errors.ts';
import type { EffectiveResult, SuggestedPair } from '../protocol/lsp.ts';

/** What the server translates: the config language as plain functions of a text. */
export interface Language {
  check(text: string, context: LanguageContext): readonly Diagnostic[];
  /** Paths of the files that a text extends. */
  bases(text: string, context: LanguageContext): readonly string[];
  complete(text: string, position: Position, context: LanguageContext): readonly Completion[];
  hover(text: string, position: Position, context: LanguageContext): Hover | null;
  symbols(text: string): readonly ConfigSymbol[];
  blocks(text: string): readonly Block[];
  hints(text: string, context: LanguageContext): readonly Hint[];
  definition(text: string, position: Position, context: LanguageContext): FileRange | null;
  references(text: string, position: Position, context: LanguageContext): readonly FileRange[];
  renameable(text: string, position: Position, context: LanguageContext): Range | null;
  /** @throws UserError where the name cannot be given */
  rename(text: string, position: Position, newName: string, context: LanguageContext): readonly TextEdit[];
  links(text: string, context: LanguageContext): readonly Link[];
  folds(text: string): readonly Fold[];
  /** For each position the ranges around it, innermost first. */
  selections(text: string, positions: readonly Position[]): readonly (readonly Range[])[];
  tokens(text: string, context: LanguageContext): readonly Token[];
  format(text: string): readonly TextEdit[];
  refactorings(text: string, range: Range, context: LanguageContext): readonly Refactoring[];
  suggestPair(text: string, context: LanguageContext): SuggestedPair | null;
  /** The config as it would run. */
  effective(text: string, context: LanguageContext): EffectiveResult;
}
