import { completionsAt } from '../config/language/completions.ts';
import { analysisOf } from '../config/language/context.ts';
import { definitionAt, linksIn } from '../config/language/definitions.ts';
import { formatEdits } from '../config/language/format.ts';
import { effectiveText } from '../config/language/effective-text.ts';
import { hintsIn } from '../config/language/hints.ts';
import { hoverAt } from '../config/language/hover.ts';
import { referencesAt, renameableAt, renameAt } from '../config/language/model-names.ts';
import { blocks, symbols } from '../config/language/outline.ts';
import { pairSuggestion, refactoringsAt } from '../config/language/refactorings.ts';
import { foldsIn, selectionsAt } from '../config/language/structure.ts';
import { tokensIn } from '../config/language/tokens.ts';
import type { Language } from './language.ts';

/** The language of experiment files. */
export const configLanguage: Language = {
  check: (text, context) => analysisOf(text, context).report.diagnostics,
  bases: (text, context) => analysisOf(text, context).bases,
  complete: completionsAt,
  hover: hoverAt,
  symbols,
  blocks,
  hints: hintsIn,
  definition: definitionAt,
  references: referencesAt,
  renameable: renameableAt,
  rename: renameAt,
  links: linksIn,
  folds: foldsIn,
  selections: selectionsAt,
  tokens: tokensIn,
  format: formatEdits,
  refactorings: refactoringsAt,
  suggestPair: pairSuggestion,
  effective: effectiveText,
};
