import type { JsonNumber, RunRecord, RunResults, RunStatus, Verdict } from '../protocol/records.ts';
import { lastEpochText, runText, verdictText } from '../protocol/run-text.ts';
import { metricNamed } from '../protocol/compared-metric.ts';
import { judgedMetricOf, mainText, metricTitle } from '../protocol/main-metric.ts';
import { meanOf } from '../protocol/mean.ts';
import { countText } from './progress/numbers.ts';
import { tableText } from './table.ts';

/** How a run ended: the table of its models, the verdict in words, and where it lies. */
export function summaryText(record: RunRecord, status: RunStatus, directory: string): string {
  const results = record.results;
  const parts = [
    results === undefined || results.phases.length === 0 ? '' : resultsTable(results),
    results === undefined ? '' : verdictsText(results),
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
  else words.push(`  next: ${nextStep(record, status)}`);
  return words.join('\n');
}

/** What may be done about a run that has no results yet, or not all of them. */
function nextStep({ id, waiting }: RunRecord, status: RunStatus): string {
  switch (status) {
    case 'queued':
      return waiting === true
        ? `\`kd queue list\` tells what it waits for; \`kd queue cancel ${id}\` takes it out`
        : `\`kd log ${id} --follow\` shows how it starts`;
    case 'running':
    case 'pausing':
    case 'stopping':
      return `\`kd log ${id} --follow\` watches it; \`kd stop ${id}\` ends it with a checkpoint`;
    case 'paused':
      return `\`kd resume ${id}\` lets it go on; \`kd stop ${id}\` ends it`;
    default:
      return `\`kd resume ${id}\` goes on from the last checkpoint`;
  }
}

/** The verdict in words; of several students the one of each, which is corrected for their number. */
function verdictsText({ verdict, verdicts }: RunResults): string {
  if (verdicts !== undefined && verdicts.length > 1) {
    return verdicts.map((one) => verdictWords(one.verdict, `${one.student}: `)).join('\n');
  }
  return verdict === null ? '' : verdictWords(verdict);
}

function verdictWords(verdict: Verdict, of = ''): string {
  const how = `${verdict.pairs} paired ${verdict.pairs === 1 ? 'seed' : 'seeds'}, ${verdict.test}`;
  const last = lastEpochText(verdict);
  return [
    `verdict  ${of}${verdictText(verdict)}`,
    `         ${how}`,
    ...(verdict.note === undefined ? [] : [`         ${verdict.note}`]),
    ...(last === null ? [] : [`         ${last}`]),
  ].join('\n');
}

/** One row a phase, over its seeds. */
export function resultsTable(results: RunResults): string {
  const { phases } = results;
  const names = [...new Set(phases.map(({ phase }) => phase))];
  const metric = judgedMetricOf(results);
  const rows = names.map((name) => {
    const group = phases.filter(({ phase }) => phase === name);
    const [first] = group;
    if (first === undefined) return [name];
    return [
      name,
      group.map(({ seed }) => seed).join(', '),
      spread(
        group.map(({ test }) => test[metric]),
        metric,
      ),
      spread(
        group.map(({ validation }) => validation[metric]),
        metric,
      ),
      spread(
        group.map(({ lastTest }) => lastTest?.[metric]),
        metric,
      ),
      group.map(({ bestEpoch, lastEpoch }) => `${bestEpoch + 1}/${lastEpoch + 1}`).join(', '),
      countText(first.parameters),
      countText(first.multiplyAdds),
      meanOf(group.map(({ millisecondsPerStep }) => millisecondsPerStep)).toFixed(1),
    ];
  });
  const head = [
    'model',
    'seeds',
    `test ${metricTitle(metric)}`,
    'validation',
    'last epoch',
    'best/last',
    'parameters',
    'multiply-adds',
    'ms/step',
  ];
  return tableText(head, rows, [
    'left',
    'left',
    'right',
    'right',
    'right',
    'right',
    'right',
    'right',
    'right',
  ]);
}

/** Mean and, over several seeds, the standard deviation of the sample: `97.31 % ± 0.12`. */
function spread(values: readonly (JsonNumber | undefined)[], metric: string): string {
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length < values.length || numbers.length === 0)
    return mainText(
      values.find((value) => typeof value !== 'number'),
      metric,
    );
  const centre = meanOf(numbers);
  if (numbers.length === 1) return mainText(centre, metric);
  const squares = numbers.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const deviation = Math.sqrt(squares / (numbers.length - 1));
  const unit = metricNamed(metric)?.unit;
  const spread = unit === 'points' ? (deviation * 100).toFixed(2) : deviation.toFixed(unit === 'dB' ? 2 : 4);
  return `${mainText(centre, metric)} ± ${spread}`;
}
