/** Text that HTML and SVG show as it is, also inside a quoted attribute. Characters that no version of XML knows become U+FFFD. */
export function escapeMarkup(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF\p{Cs}]/gu, '\uFFFD')
    .replace(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`);
}

/** Languages that are written from right to left. */
const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur'];

/** How a page in this language, named as HTML does, is written. */
export function directionOf(language: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.includes(language.split('-', 1)[0]?.toLowerCase() ?? '') ? 'rtl' : 'ltr';
}
