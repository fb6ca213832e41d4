import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Link } from '../config/language/types.ts';
import type { Language } from './language.ts';

const PAGE = /\bdocs\/([\w/-]+\.md)\b/g;

/**
 * The language, with each page of the reference that hovers, completions and comments name as a link that opens it.
 *
 * @param folder where the pages lie; what is named as `docs/<page>.md` lies there as `<page>.md`
 */
export function withPages(language: Language, folder: string): Language {
  const linked = (markdown: string) =>
    markdown.replaceAll(PAGE, (name, page: string) => `[${name}](${pathToFileURL(join(folder, page)).href})`);
  return {
    ...language,
    complete: (...given) =>
      language.complete(...given).map((one) => ({ ...one, documentation: linked(one.documentation) })),
    links: (text, context) => [...language.links(text, context), ...linksInComments(text, folder)],
    hover: (...given) => {
      const hover = language.hover(...given);
      return hover === null ? null : { ...hover, markdown: linked(hover.markdown) };
    },
  };
}

/** Pages that the comments of a file name, as the templates of the sample project do. */
function linksInComments(text: string, folder: string): Link[] {
  return text.split(/\r\n|\r|\n/).flatMap((content, line) => {
    if (!content.startsWith('#')) return [];
    return [...content.matchAll(PAGE)].map(({ 0: name, 1: page = '', index }): Link => ({
      range: { start: { line, character: index }, end: { line, character: index + name.length } },
      tooltip: 'Open the page',
      target: { file: join(folder, page) },
    }));
  });
}
