import { labelsText } from '../protocol/labels.ts';
import { mainMetricOf, mainText } from '../protocol/main-metric.ts';
import { countText, shareText, valueText } from '../protocol/number-text.ts';
import type { PhaseResult, RunRecord } from '../protocol/records.ts';
import { lastEpochText, runText, verdictText } from '../protocol/run-text.ts';
import { labelsOf } from '../runs/index.ts';
import { intervalChart } from './charts/interval-chart.ts';
import { tableBlock, type Block, type Section } from './document.ts';
import { verdictsOf, type RunFacts } from './run-facts.ts';

/** Of the gap by class, the widest. */
const MOST_CLASSES = 12;
const MOST_EVENTS = 60;

/** Whether teaching helped, with everything that the statement stands on. */
export function verdictSection({ results }: RunFacts): Section {
  const verdicts = verdictsOf(results);
  if (verdicts.length === 0)
    return {
      title: 'Verdict',
      blocks: [{ kind: 'paragraph', text: 'This run has no baseline to be judged against.' }],
    };
  const blocks = verdicts.flatMap(({ student, verdict }): Block[] => [
    {
      kind: 'verdict',
      word: verdict.verdict,
      text: [`${student}: ${verdictText(verdict)}.`, verdict.note ?? ''].join(' ').trim(),
    },
    {
      kind: 'facts',
      facts: [
        ['pairs of seeds', String(verdict.pairs)],
        ['test', `${verdict.test}, level ${Number((verdict.level * 100).toFixed(2))} %`],
        ...lastFact(lastEpochText(verdict)),
      ],
    },
  ]);
  const rows = verdicts.map(({ student, verdict: { difference, interval } }) => ({
    name: student,
    difference,
    interval,
  }));
  const [first] = verdicts;
  const unit = `student minus baseline, ${first?.verdict.unit ?? 'points'} ${first?.verdict.metric ?? ''}`;
  const caption =
    'Mean difference over the paired seeds with its interval; an interval that holds 0 decides nothing.';
  return {
    title: 'Verdict',
    blocks: [...blocks, { kind: 'figure', svg: intervalChart(rows, unit), caption, table: null }],
  };
}

function lastFact(text: string | null): readonly (readonly [string, string])[] {
  return text === null ? [] : [['beside the best on validation', text]];
}

export function resultsSection({ results: { phases } }: RunFacts): Section {
  const metric = mainMetricOf(phases[0]?.test);
  const reached = (values: PhaseResult['test'] | undefined) => mainText(values?.[metric], metric);
  return {
    title: 'Results',
    blocks: [
      {
        kind: 'paragraph',
        text: 'Weights are chosen on validation; the test split is read once, at the end. Nothing is chosen by it.',
      },
      tableBlock({
        title: 'Every model and seed',
        head: [
          ...['model', 'seed', metric === 'psnr' ? 'test PSNR' : 'test accuracy', 'last epoch', 'validation'],
          ...['best/last epoch', 'test loss'],
          ...['parameters', 'multiply-adds', 'ms/step', 'ms/image'],
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
export function gapSection({ run }: RunFacts): Section | null {
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
      title: 'Teacher and student on the validation split, last measurement of each seed',
      head: ['phase', 'seed', 'epoch', 'KL (nats)', 'agreement', 'teacher', 'student'],
      rows,
      numbers: [1, 2, 3, 4, 5, 6],
    }),
    tableBlock({
      title: 'Widest gaps by class, last seed',
      head: ['class', 'samples', 'teacher', 'student', 'KL (nats)'],
      rows: classes,
      numbers: [1, 2, 3, 4],
    }),
  ];
  return { title: 'Gap', blocks: classes.length === 0 ? blocks.slice(0, 1) : blocks };
}

/** What the guards and others had to say while it trained. */
export function guardSection({ run }: RunFacts): Section {
  const told = run.events().filter(({ kind }) => kind === 'guard' || kind === 'warning');
  const items = told.slice(-MOST_EVENTS).map(({ kind, message }) => `${kind}: ${message}`);
  return {
    title: 'Guards',
    blocks: [
      items.length === 0
        ? { kind: 'paragraph', text: 'No guard and no warning was recorded.' }
        : { kind: 'list', items },
    ],
  };
}

export function environmentSection({ record }: RunFacts): Section {
  const { environment, moves = [] } = record;
  if (environment === undefined) return { title: 'Environment', blocks: [] };
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
    ['executor', executor],
    ['machine', `${cpu}, ${cores} cores, ${memoryGigabytes} GB, ${platform}`],
    [
      'versions',
      [
        `KD Workbench ${product}`,
        `Node ${node}`,
        ...Object.entries(Object(environment.packages) as Record<string, unknown>).map(
          ([name, version]) => `${name} ${String(version)}`,
        ),
      ].join(', '),
    ],
    ...(environment.reproducible === undefined ? [] : [['reproducible', environment.reproducible] as const]),
    ...listOf(refused).map(({ name, reason }) => [`not used: ${name}`, reason] as const),
    ...listOf(fallen).map((one) => [`${one.phase} fell back to ${one.executor}`, one.reason] as const),
    ...listOf(moves).map(
      ({ from, to, phase, seed, step }) =>
        [
          'moved',
          `from ${phase}, seed ${seed}, step ${step} on ${to}, before on ${from}: not bit-exact`,
        ] as const,
    ),
  ];
  return { title: 'Environment', blocks: [{ kind: 'facts', facts }] };
}

/** A damaged record may hold anything. */
function listOf<T>(value: readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}

/** From what the numbers come, so that somebody else can get them too. */
export function provenanceSection({ record, run }: RunFacts): Section {
  const labels = labelsText(labelsOf(run.path));
  const facts: (readonly [string, string])[] = [
    ['run', record.id],
    ['experiment file', record.config],
    ['state', runText(record, run.status(record))],
    ['started', record.startedAt ?? 'not yet'],
    ...(record.finishedAt === undefined ? [] : [['finished', record.finishedAt] as const]),
    ['seeds', record.seeds.join(', ')],
    ...(record.overrides.length === 0 ? [] : [['changed values', record.overrides.join(' ')] as const]),
    ...hashes(record),
    ...(labels === '' ? [] : [['labels', labels] as const]),
    [
      'again',
      `kd run config.yaml, written as below; the same seeds give the same numbers on the same executor`,
    ],
  ];
  return { title: 'Provenance', blocks: [{ kind: 'facts', facts }] };
}

function hashes({ dataHash, experimentHash, configHash }: RunRecord): readonly (readonly [string, string])[] {
  return [
    ['data SHA-256', dataHash ?? 'unknown'],
    ['experiment SHA-256', experimentHash ?? 'unknown'],
    ['config SHA-256', configHash],
  ];
}

export function configSection({ config, record }: RunFacts): Section {
  return {
    title: 'Config',
    blocks: [
      {
        kind: 'code',
        summary: `The effective config of ${record.id}, every default written out`,
        text: config,
      },
    ],
  };
}
