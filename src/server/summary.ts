import type { Diagnostic } from '../config/diagnostic.ts';
import type { CheckResult } from '../protocol/lsp.ts';

/** How many faults of which weight, and where the first of the worst is. */
export function summarize(diagnostics: readonly Diagnostic[]): CheckResult {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
  const first = errors[0] ?? warnings[0];
  return {
    errors: errors.length,
    warnings: warnings.length,
    first:
      first === undefined
        ? null
        : { line: first.range.start.line, character: first.range.start.character, message: first.message },
  };
}
