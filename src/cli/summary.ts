import type { JsonNumber, PhaseResult, RunRecord, RunStatus, Verdict } from '../protocol/records.ts';
import { runText, verdictText } from '../protocol/run-text.ts';
import { countText, shareText } from './progress/numbers.ts';
import { tableText } from './table.ts';

/** How a run ended: the table of its models, the verdict in words, and where it lies. */
export function summaryText(record: RunRecord, status: RunStatus, directory: string): string {
  const results = record.results;
  const parts = [
    results === undefined || results.phases.length === 0 ? '' : resultsTable(results.phases),
    results === undefined || results.verdict === null ? '' : verdictWords(results.verdict),
    endWords(record, status),
    `run  ${directory}`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function endWords(record: RunRecord, status: RunStatus): string {
  if (status === 'completed') return '';
  const words = [status === 'failed' ? 'failed' : runText(record, status)];
  const { failure } = record;
  if (failure !== undefined) words.push(`${failure.code} ${failure.message}`, `  next: ${failure.help}`);
  else words.push(`  next: \`kd resume ${record.id}\` goes on from the last checkpoint`);
  return words.join('\n');
}

function verdictWords(verdict: Verdict): string {
  const how = `${verdict.pairs} paired ${verdict.pairs === 1 ? 'seed' : 'seeds'}, ${verdict.test}`;
  return [
    `verdict  ${verdictText(verdict)}`,
    `         ${how}`,
    ...(verdict.note === undefined ? [] : [`         ${verdict.note}`]),
  ].join('\n');
}

/** One row a phase, over its seeds. */
export function resultsTable(phases: readonly PhaseResult[]): string {
  const names = [...new Set(phases.map(({ phase }) => phase))];
  const rows = names.map((name) => {
    const group = phases.filter(({ phase }) => phase === name);
    const [first] = group;
    if (first === undefined) return [name];
    return [
      name,
      group.map(({ seed }) => seed).join(', '),
      spread(group.map(({ test }) => test['accuracy'])),
      spread(group.map(({ validation }) => validation['accuracy'])),
      group.map(({ bestEpoch }) => bestEpoch + 1).join(', '),
      countText(first.parameters),
      countText(first.multiplyAdds),
      mean(group.map(({ millisecondsPerStep }) => millisecondsPerStep)).toFixed(1),
    ];
  });
  const head = [
    'model',
    'seeds',
    'test accuracy',
    'validation',
    'best epoch',
    'parameters',
    'multiply-adds',
    'ms/step',
  ];
  return tableText(head, rows, ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right']);
}

/** Mean and, over several seeds, the standard deviation of the sample: `97.31 % ± 0.12`. */
function spread(values: readonly (JsonNumber | undefined)[]): string {
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length < values.length || numbers.length === 0)
    return shareText(values.find((value) => typeof value !== 'number'));
  const centre = mean(numbers);
  if (numbers.length === 1) return shareText(centre);
  const squares = numbers.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return `${shareText(centre)} ± ${(Math.sqrt(squares / (numbers.length - 1)) * 100).toFixed(2)}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
