import { Lexer } from 'yaml';

/** Where a name that YAML itself gives is written: `&name` or `*name`, the sign left out. */
export interface AnchorUse {
  readonly name: string;
  readonly declares: boolean;
  readonly start: number;
  readonly end: number;
}

/** Marks of the lexer that stand for no character of the text. */
const MARKS: readonly string[] = ['\u0002', '\u0018', '\u001f'];

/** Every anchor and alias of a text, in order. */
export function anchorsIn(text: string): AnchorUse[] {
  const uses: AnchorUse[] = [];
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    if (MARKS.includes(token)) continue;
    const name = /^[&*]\S/.test(token) ? token.slice(1) : '';
    if (name !== '') {
      uses.push({
        name,
        declares: token.startsWith('&'),
        start: offset + 1,
        end: offset + token.length,
      });
    }
    offset += token.length;
  }
  return uses;
}

/** The anchor or alias at an offset. */
export function anchorAt(text: string, offset: number): AnchorUse | undefined {
  return anchorsIn(text).find(({ start, end }) => start - 1 <= offset && offset <= end);
}
