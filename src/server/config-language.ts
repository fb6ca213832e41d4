import { completionsAt } from '../config/language/completions.ts';
import { analysisOf } from '../config/language/context.ts';
import { hoverAt } from '../config/language/hover.ts';
import { blocks, symbols } from '../config/language/outline.ts';
import type { Language } from './language.ts';

/** The language of experiment files. */
export const configLanguage: Language = {
  check: (text, context) => analysisOf(text, context).report.diagnostics,
  complete: completionsAt,
  hover: hoverAt,
  symbols,
  blocks,
};
