import { gapEnglish } from '../../../webview/gap/strings.ts';
import { templatesOf } from '../../../webview/localise.ts';
import { english } from '../../../webview/strings.ts';

/** A language in which every text stands in brackets, so that what was forgotten stands out. */
export const BRACKETED: Readonly<Record<string, string>> = Object.fromEntries(
  templatesOf({ english, gapEnglish }).map((text) => [text, `⟦${text}⟧`]),
);
