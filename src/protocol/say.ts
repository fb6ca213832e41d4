/** Texts in another language, by their English form in which `{0}`, `{1}`, ... stand for what they are given. */
export type Translations = Readonly<Record<string, string>>;

/**
 * Makes a sentence of what it is given, in the language of the reader. It stands in the code in English and is looked up by its
 * template: say`Train for ${8} epochs` is found under "Train for {0} epochs". What is not translated stays English.
 */
export type Say = (parts: readonly string[], ...given: readonly (string | number)[]) => string;

export function sayIn(translations: Translations): Say {
  return (parts, ...given) => filled(translated(templateOfParts(parts), translations), given);
}

export const inEnglish: Say = sayIn({});

/** A text that is given nothing. */
export function translated(text: string, translations: Translations): string {
  return Object.hasOwn(translations, text) ? (translations[text] ?? text) : text;
}

/** As translators see it. */
export function templateOfParts(parts: readonly string[]): string {
  return parts.reduce((before, part, at) => `${before}{${at - 1}}${part}`);
}

/** Puts what is given in its place; what is given is never looked into. */
export function filled(template: string, given: readonly (string | number)[]): string {
  return template.replaceAll(/\{(\d+)\}/gu, (whole, index: string) => {
    const value = given[Number(index)];
    return value === undefined ? whole : String(value);
  });
}
