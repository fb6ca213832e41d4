import { analyze, type ConfigInput } from '../analyze.ts';
import type { Diagnostic } from '../diagnostic.ts';

/** Everything that is wrong with a config, in the order of the text. Starts nothing and never throws for what a file may hold. */
export function checkConfig(input: ConfigInput): Diagnostic[] {
  const { diagnostics } = analyze(input).report;
  return [...diagnostics].sort(
    (a, b) => a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character,
  );
}
