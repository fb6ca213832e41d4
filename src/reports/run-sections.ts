import { labelsText } from '../protocol/labels.ts';
import { judgedMetricOf, mainText, metricTitle } from '../protocol/main-metric.ts';
import { countText, shareText, valueText } from '../protocol/number-text.ts';
import type { PhaseResult, RunRecord } from '../protocol/records.ts';
import { lastEpochText, runText, verdictText } from '../protocol/run-text.ts';
import type { Say } from '../protocol/say.ts';
import { labelsOf } from '../runs/index.ts';
import { intervalChart } from './charts/interval-chart.ts';
import { tableBlock, type Block, type Section } from './document.ts';
import { verdictsOf, type RunFacts } from './run-facts.ts';

/** Of the gap by class, the widest. */
const MOST_CLASSES = 12;
const MOST_EVENTS = 60;

/** Whether teaching helped, with everything that the statement stands on. */
export function verdictSection({ results }: RunFacts, say: Say): Section {
  const verdicts = verdictsOf(results);
  if (verdicts.length === 0)
    return {
      title: say`Verdict`,
      blocks: [{ kind: 'paragraph', text: say`This run has no baseline to be judged against.` }],
    };
  const blocks = verdicts.flatMap(({ student, verdict }): Block[] => [
    {
      kind: 'verdict',
      word: verdict.verdict,
      text: [`${student}: ${verdictText(verdict, say)}.`, verdict.note ?? ''].join(' ').trim(),
    },
    {
      kind: 'facts',
      facts: [
        [say`pairs of seeds`, String(verdict.pairs)],
        [say`test`, say`${verdict.test}, level ${Number((verdict.level * 100).toFixed(2))} %`],
        ...lastFact(lastEpochText(verdict, say), say),
      ],
    },
  ]);
  const rows = verdicts.map(({ student, verdict: { difference, interval } }) => ({
    name: student,
    difference,
    interval,
  }));
  const [first] = verdicts;
  const unit = say`student minus baseline, ${`${first?.verdict.unit ?? 'points'} ${first?.verdict.metric ?? ''}`}`;
  const caption = say`Mean difference over the paired seeds with its interval; an interval that holds 0 decides nothing.`;
  return {
    title: say`Verdict`,
    blocks: [...blocks, { kind: 'figure', svg: intervalChart(rows, unit, say), caption, table: null }],
  };
}

function lastFact(text: string | null, say: Say): readonly (readonly [string, string])[] {
  return text === null ? [] : [[say`beside the best on validation`, text]];
}

export function resultsSection({ results }: RunFacts, say: Say): Section {
  const { phases } = results;
  const metric = judgedMetricOf(results);
  const reached = (values: PhaseResult['test'] | undefined) => mainText(values?.[metric], metric);
  return {
    title: say`Results`,
    blocks: [
      {
        kind: 'paragraph',
        text: say`Weights are chosen on validation; the test split is read once, at the end. Nothing is chosen by it.`,
      },
      tableBlock({
        title: say`Every model and seed`,
        head: [
          ...[say`model`, say`seed`, say`test ${metricTitle(metric)}`],
          ...[say`last epoch`, say`validation`, say`best/last epoch`, say`test loss`],
          ...[say`parameters`, say`multiply-adds`, say`ms/step`, say`ms/image`],
        ],
        rows: phases.map((one) => [
          ...[one.phase, String(one.seed), reached(one.test), reached(one.lastTest), reached(one.validation)],
          `${one.bestEpoch + 1}/${one.lastEpoch + 1}`,
          valueText(one.test['loss']),
          ...[countText(one.parameters), countText(one.multiplyAdds), one.millisecondsPerStep.toFixed(1)],
          one.latency === undefined ? '—' : valueText(one.latency.milliseconds),
        ]),
        numbers: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      }),
    ],
  };
}

/** The last gap of every seed, and the classes in which the student is farthest behind. Null where none was measured. */
export function gapSection({ run }: RunFacts, say: Say): Section | null {
  const records = run.gap();
  const last = new Map(records.map((record) => [`${record.phase} ${record.seed}`, record]));
  if (last.size === 0) return null;
  const rows = [...last.values()].map((one) => [
    ...[one.phase, String(one.seed), String(one.epoch + 1), valueText(one.kl), shareText(one.agreement)],
    ...[shareText(one.teacherAccuracy), shareText(one.studentAccuracy)],
  ]);
  const classes = [...([...last.values()].at(-1)?.perClass ?? [])]
    .sort((a, b) => a.studentAccuracy - a.teacherAccuracy - (b.studentAccuracy - b.teacherAccuracy))
    .slice(0, MOST_CLASSES)
    .map((one) => [
      ...[one.name, String(one.count), shareText(one.teacherAccuracy), shareText(one.studentAccuracy)],
      valueText(one.kl),
    ]);
  const blocks = [
    tableBlock({
      title: say`Teacher and student on the validation split, last measurement of each seed`,
      head: [
        ...[say`phase`, say`seed`, say`epoch`, say`KL (nats)`, say`agreement`],
        ...[say`teacher`, say`student`],
      ],
      rows,
      numbers: [1, 2, 3, 4, 5, 6],
    }),
    tableBlock({
      title: say`Widest gaps by class, last seed`,
      head: [say`class`, say`samples`, say`teacher`, say`student`, say`KL (nats)`],
      rows: classes,
      numbers: [1, 2, 3, 4],
    }),
  ];
  return { title: say`Gap`, blocks: classes.length === 0 ? blocks.slice(0, 1) : blocks };
}

/** What the guards and others had to say while it trained. */
export function guardSection({ run }: RunFacts, say: Say): Section {
  const told = run.events().filter(({ kind }) => kind === 'guard' || kind === 'warning');
  const items = told
    .slice(-MOST_EVENTS)
    .map(({ kind, message }) => `${kind === 'guard' ? say`guard` : say`warning`}: ${message}`);
  return {
    title: say`Guards`,
    blocks: [
      items.length === 0
        ? { kind: 'paragraph', text: say`No guard and no warning was recorded.` }
        : { kind: 'list', items },
    ],
  };
}

export function environmentSection({ record }: RunFacts, say: Say): Section {
  const { environment, moves = [] } = record;
  if (environment === undefined) return { title: say`Environment`, blocks: [] };
  const {
    cpu,
    cores,
    memoryGigabytes,
    platform,
    node,
    product,
    executor,
    refused,
    fallen = [],
  } = environment;
  const facts: (readonly [string, string])[] = [
    [say`executor`, executor],
    [say`machine`, say`${cpu}, ${cores} cores, ${memoryGigabytes} GB, ${platform}`],
    [
      say`versions`,
      [
        `KD Workbench ${product}`,
        `Node ${node}`,
        ...Object.entries(Object(environment.packages) as Record<string, unknown>).map(
          ([name, version]) => `${name} ${String(version)}`,
        ),
      ].join(', '),
    ],
    ...(environment.reproducible === undefined
      ? []
      : [[say`reproducible`, environment.reproducible] as const]),
    ...listOf(refused).map(({ name, reason }) => [say`not used: ${name}`, reason] as const),
    ...listOf(fallen).map((one) => [say`${one.phase} fell back to ${one.executor}`, one.reason] as const),
    ...listOf(moves).map(
      ({ from, to, phase, seed, step }) =>
        [
          say`moved`,
          say`from ${phase}, seed ${seed}, step ${step} on ${to}, before on ${from}: not bit-exact`,
        ] as const,
    ),
  ];
  return { title: say`Environment`, blocks: [{ kind: 'facts', facts }] };
}

/** A damaged record may hold anything. */
function listOf<T>(value: readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}

/** From what the numbers come, so that somebody else can get them too. */
export function provenanceSection({ record, run }: RunFacts, say: Say): Section {
  const labels = labelsText(labelsOf(run.path));
  const facts: (readonly [string, string])[] = [
    [say`run`, record.id],
    [say`experiment file`, record.config],
    [say`state`, runText(record, run.status(record), say)],
    [say`started`, record.startedAt ?? say`not yet`],
    ...(record.finishedAt === undefined ? [] : [[say`finished`, record.finishedAt] as const]),
    [say`seeds`, record.seeds.join(', ')],
    ...(record.overrides.length === 0 ? [] : [[say`changed values`, record.overrides.join(' ')] as const]),
    ...hashes(record, say),
    ...(labels === '' ? [] : [[say`labels`, labels] as const]),
    [
      say`again`,
      say`kd run config.yaml, written as below; the same seeds give the same numbers on the same executor`,
    ],
  ];
  return { title: say`Provenance`, blocks: [{ kind: 'facts', facts }] };
}

function hashes(
  { dataHash, experimentHash, configHash }: RunRecord,
  say: Say,
): readonly (readonly [string, string])[] {
  return [
    [say`data SHA-256`, dataHash ?? say`unknown`],
    [say`experiment SHA-256`, experimentHash ?? say`unknown`],
    [say`config SHA-256`, configHash],
  ];
}

export function configSection({ config, record }: RunFacts, say: Say): Section {
  return {
    title: say`Config`,
    blocks: [
      {
        kind: 'code',
        summary: say`The effective config of ${record.id}, every default written out`,
        text: config,
      },
    ],
  };
}
