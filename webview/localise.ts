import { filled, translated, type Translations } from '../src/protocol/say.ts';
import { dictionary, read, text } from '../src/protocol/shape.ts';

type Text = (...given: never[]) => string;

const MOST_TEXTS = 5_000;
const LONGEST = 10_000;

/** The translations that the extension has put into the page; none where its language is English. */
export function translationsOfPage(): Translations {
  const written =
    typeof document === 'undefined' ? undefined : document.getElementById('panel')?.dataset['strings'];
  return written === undefined ? {} : readTranslations(written);
}

/** Translations as JSON, each by its English text; none where one of them makes no sense. */
export function readTranslations(written: string): Translations {
  try {
    const found = read(dictionary(text(LONGEST), MOST_TEXTS, LONGEST), JSON.parse(written), 'strings');
    return found.ok ? found.value : {};
  } catch {
    return {};
  }
}

/**
 * English texts in another language. A text that is given something is a function that only puts it in its place, so that its
 * English form with `{0}` and so on is known, which is what it is looked up by. What is not translated stays English.
 */
export function localised<T extends object>(english: T, translations: Translations): T {
  return Object.fromEntries(
    Object.entries(english).map(([name, entry]: [string, unknown]) => [
      name,
      localisedEntry(entry, translations),
    ]),
  ) as T;
}

function localisedEntry(entry: unknown, translations: Translations): unknown {
  if (typeof entry === 'string') return translated(entry, translations);
  if (Array.isArray(entry)) return entry.map((one: unknown) => localisedEntry(one, translations));
  if (typeof entry === 'object' && entry !== null) return localised(entry, translations);
  if (typeof entry !== 'function') return entry;
  const template = templateOf(entry as Text);
  if (!Object.hasOwn(translations, template)) return entry;
  const other = translations[template] ?? template;
  return (...given: readonly (string | number)[]) => filled(other, given);
}

/** Every text, as translators see it. */
export function templatesOf(english: object): string[] {
  return Object.values(english).flatMap((entry: unknown) => {
    if (typeof entry === 'string') return [entry];
    if (typeof entry === 'function') return [templateOf(entry as Text)];
    return typeof entry === 'object' && entry !== null ? templatesOf(entry) : [];
  });
}

export function templateOf(make: Text): string {
  const places = Array.from({ length: make.length }, (_, index) => `{${index}}`);
  return (make as unknown as (...given: readonly string[]) => string)(...places);
}
