import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SITUATIONS, TOPICS } from '../../src/config/guide.ts';
import { pageOf } from '../../src/config/page-of.ts';
import { schemes } from '../../src/schemes/index.ts';

const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  .toString()
  .split('\0')
  .filter((file) => file !== '' && existsSync(file));
const pages = tracked.filter((file) => file.endsWith('.md'));

/** Stands where a soak has run. */
const SOAK = 'docs/soak.md';

/** Text without blocks and pieces of code, in which brackets link to nothing. */
function prose(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`(?!\])/g, '');
}

/** As GitHub makes them: small letters, digits, hyphens for spaces; the second of a name gets a number. */
function anchorsOf(page: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = [...readFileSync(page, 'utf8').matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) => {
    const plain = title.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '');
    const anchor = plain.trim().replaceAll(' ', '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
  return new Set(anchors);
}

/** What a link points to and is not there; null where all is well. */
function missing(page: string, link: string): string | null {
  if (/^[a-z]+:/.test(link)) return null;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(target)) return `${page}: ${link}`;
  return anchor === undefined || anchorsOf(target).has(anchor) ? null : `${page}: ${link}`;
}

describe('links', () => {
  const links = pages.flatMap((page) =>
    [...prose(readFileSync(page, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)].map(
      ([, link = '']) => [page, link] as const,
    ),
  );

  it('of every page lead to a file, and to a heading where they name one', () => {
    expect(links.length).toBeGreaterThan(300);
    expect(links.map(([page, link]) => missing(page, link)).filter((one) => one !== null)).toEqual([]);
    expect(missing('README.md', 'docs/config.md#nowhere')).not.toBeNull();
    expect(missing('README.md', 'docs/nowhere.md')).not.toBeNull();
  });

  it('to pages that sources, templates and what the editor says name are right', () => {
    const named = tracked
      .filter((file) =>
        /^(src|webview|media|l10n|scripts)\/.*\.(ts|mjs|json|yaml|md)$|^package.*\.json$/.test(file),
      )
      .flatMap((file) =>
        [...readFileSync(file, 'utf8').matchAll(/\bdocs\/[\w/.-]+\.(?:md|json)\b/g)].map(
          ([path]) => [file, path] as const,
        ),
      );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(([, path]) => path !== SOAK && !existsSync(path))).toEqual([]);
  });
});

describe('the page that says which method when', () => {
  const page = readFileSync('docs/which-method.md', 'utf8');
  const texts = [
    ...SITUATIONS.flatMap(({ begin, compare }) => [begin, compare]),
    ...TOPICS.map(({ here }) => here),
  ];

  it('links what it names and has a page', () => {
    const words = texts.flatMap((text) =>
      [...text.matchAll(/`([A-Za-z\d]+)`/g)].map(([, word = '']) => word),
    );
    const withPage = words.filter((word) => pageOf(word) !== null);
    expect(withPage.length).toBeGreaterThan(30);
    expect(withPage.filter((word) => !page.includes(`[\`${word}\`](${pageOf(word) ?? ''})`))).toEqual([]);
  });

  it('gives each statement a source with a year, a number or a journal', () => {
    const statements = TOPICS.flatMap((topic) => topic.statements);
    expect(statements.length).toBeGreaterThan(15);
    for (const { text, source } of statements) {
      expect(source, text).toMatch(/\b(19|20)\d{2}\b|arXiv:\d{4}\.\d{4,5}/);
      expect(page).toContain(`- ${text} (${source})`);
    }
  });

  it('names schemes that are there', () => {
    const named = texts.flatMap((text) =>
      [...text.matchAll(/\bscheme(?: `\w+`|s (?:`\w+`(?:, | and )?)+)/g)].flatMap(([list]) =>
        [...list.matchAll(/`(\w+)`/g)].map(([, word = '']) => word),
      ),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !schemes.some((scheme) => scheme.name === name))).toEqual([]);
  });
});
