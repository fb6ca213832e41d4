/** A table as data, to be written as text, Markdown, CSV or HTML. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of numbers, which stand to the right. */
  readonly numbers: readonly number[];
}

/** A table of Markdown, as GitHub reads it. Whatever a cell holds is shown as text. */
export function markdownTable({ head, rows, numbers }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`;
  const rule = head.map((_, column) => (numbers.includes(column) ? '--:' : '---'));
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** Text that Markdown shows as it is, on one line. */
export function markdownText(text: string): string {
  return text.replace(/\s+/gu, ' ').replace(/[\\`*_{}[\]<>()#!|~&]/gu, (character) => `\\${character}`);
}
