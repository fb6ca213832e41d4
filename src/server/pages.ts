import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Language } from './language.ts';

/**
 * The language, with each page of the reference that hovers and completions name as a link that opens it.
 *
 * @param folder where the pages lie; what is named as `docs/<page>.md` lies there as `<page>.md`
 */
export function withPages(language: Language, folder: string): Language {
  const linked = (markdown: string) =>
    markdown.replaceAll(
      /\bdocs\/([\w/-]+\.md)\b/g,
      (name, page: string) => `[${name}](${pathToFileURL(join(folder, page)).href})`,
    );
  return {
    ...language,
    complete: (...given) =>
      language.complete(...given).map((one) => ({ ...one, documentation: linked(one.documentation) })),
    hover: (...given) => {
      const hover = language.hover(...given);
      return hover === null ? null : { ...hover, markdown: linked(hover.markdown) };
    },
  };
}
