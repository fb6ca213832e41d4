import type { Range } from '../protocol/errors.ts';
import type { Diagnostic, TextEdit } from '../config/diagnostic.ts';

export function isBefore(a: Range['start'], b: Range['start']): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}

/** Whether two ranges share a character or touch; an empty range touches what it stands in or next to. */
export function touches(a: Range, b: Range): boolean {
  return !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}

/** Whether two edits cannot both be made: their texts overlap, or both write at the same place. */
function collides(a: TextEdit, b: TextEdit): boolean {
  const disjoint =
    (!isBefore(b.range.start, a.range.end) && !same(b.range.start, a.range.start)) ||
    (!isBefore(a.range.start, b.range.end) && !same(b.range.start, a.range.start));
  return !disjoint;
}

function same(a: Range['start'], b: Range['start']): boolean {
  return a.line === b.line && a.character === b.character;
}

/**
 * The edits of every fault that has exactly one fix. A fault with several fixes is a choice for a person; one whose
 * edits collide with an earlier one waits for the next round.
 */
export function editsOfAllFixes(diagnostics: readonly Diagnostic[]): readonly TextEdit[] {
  const edits: TextEdit[] = [];
  for (const { fixes } of diagnostics) {
    const [fix] = fixes;
    if (fix === undefined || fixes.length > 1) continue;
    if (fix.edits.some((edit) => edits.some((other) => collides(edit, other)))) continue;
    edits.push(...fix.edits);
  }
  return edits;
}
