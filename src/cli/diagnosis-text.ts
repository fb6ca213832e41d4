import { titleOf } from '../diagnosis/index.ts';
import type { Diagnosis, Finding } from '../protocol/diagnosis.ts';

/** What was found, each with its numbers, its likely cause and what to change. */
export function diagnosisText({ findings, unable }: Diagnosis): string {
  const blind = unable.map(({ rule, why }) => `  not looked at: ${titleOf(rule)} (${why})`);
  if (findings.length === 0) return ['Nothing found.', ...blind].join('\n');
  return [...findings.map(findingText), ...blind].join('\n\n');
}

function findingText({ rule, symptom, evidence, cause, changes, source }: Finding): string {
  return [
    `${titleOf(rule)}: ${symptom}`,
    ...evidence.map(({ what, value }) => `  ${what}: ${value}`),
    `  likely cause: ${cause}`,
    ...changes.map(
      ({ title, path, value }) => `  to try: ${title}\n          --set '${path.join('.')}=${value}'`,
    ),
    `  source: ${source}`,
  ].join('\n');
}
