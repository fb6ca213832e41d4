import { bytesText } from '../book/plan.ts';
import type { BookCheck, BookReport } from '../protocol/book-report.ts';

/** What a report says to people, a paragraph a book. */
export function bookReportText({ books }: BookReport): string {
  return books.map(checkText).join('\n');
}

function checkText(book: BookCheck): string {
  const whose = book.teachers.join(' and ');
  const size = `${bytesText(book.bytes)}, ${book.rows.toLocaleString('en-US')} answers`;
  const others = book.unlike.map(({ name, difference }) => `  not ${name}: ${difference}`);
  return [`${whose}: ${stateText(book, size)}`, ...others].join('\n');
}

function stateText({ name, state, fidelity, cosine, damaged }: BookCheck, size: string): string {
  switch (state) {
    case 'serves':
      return `${name ?? ''} serves (${size}, ${fidelity ?? ''}; stored and live answers have a cosine of at least ${cosine?.toFixed(6) ?? ''})`;
    case 'unproven':
      return `${name ?? ''} serves (${size}, ${fidelity ?? ''}), if the run trains the same teacher`;
    case 'unfinished':
      return `${name ?? ''} is unfinished; a run, or \`kd book build\`, goes on with it`;
    case 'damaged':
      return `KD4032 ${name ?? ''} is damaged (${damaged.join(', ')}); a run, or \`kd book build\`, writes these parts again`;
    case 'missing':
      return `no book serves; it will take ${size}`;
    case 'differs':
      return 'KD4030 the named book does not belong to this experiment';
  }
}
