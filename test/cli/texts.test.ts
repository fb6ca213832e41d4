import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/config/diagnostic.ts';
import { DEFAULT_OPTIONS } from '../../src/protocol/layer-matching/match-layers.ts';
import type {
  MatchReport,
  PhaseResult,
  ProfiledPhase,
  RunRecord,
  Verdict,
  VerifyCase,
  WholeStep,
} from '../../src/protocol/records.ts';
import { countsText, diagnosticText } from '../../src/cli/diagnostic-text.ts';
import { curveText, shareText, valueText } from '../../src/cli/progress/numbers.ts';
import { LiveDisplay } from '../../src/cli/progress/display.ts';
import { matchText, rankedPairs } from '../../src/cli/match-text.ts';
import { profileText } from '../../src/cli/profile-text.ts';
import { summaryText } from '../../src/cli/summary.ts';
import { tableText } from '../../src/cli/table.ts';
import { verifyText } from '../../src/cli/verify-text.ts';

const diagnostic = (line: number, from: number, to: number): Diagnostic => ({
  range: { start: { line, character: from }, end: { line, character: to } },
  severity: 'error',
  code: 'KD2004',
  message: 'unknown key',
  help: 'rename it',
  fixes: [],
});

describe('a diagnostic on the terminal', () => {
  it('shows place, line, marks and the next step', () => {
    expect(diagnosticText('a.kd.yaml', 'x: 1\n  temperatur: 4\n', diagnostic(1, 2, 12))).toBe(
      [
        'a.kd.yaml:2:3: error KD2004: unknown key',
        '  2 |   temperatur: 4',
        '    |   ^^^^^^^^^^',
        '  next: rename it',
      ].join('\n'),
    );
  });

  it('keeps marks under the text behind tabs, and control characters away from the terminal', () => {
    const text = diagnosticText('a', '\tab: \u001b[31mred', diagnostic(0, 1, 3));
    expect(text).toContain('    ab: ·[31mred');
    expect(text).toContain(' |     ^^');
    expect(text).not.toContain('\u001b');
  });

  it('of a change of the command line shows no line of the file, which has no part in it', () => {
    const own = { ...diagnostic(0, 0, 1), message: '--set compare.seeds=[1]: 1 seed is too few' };
    expect(diagnosticText('a.kd.yaml', 'name: A\n', own)).toMatch(
      /^a\.kd\.yaml: error KD\d{4}: --set compare\.seeds=\[1\]: 1 seed is too few\n {2}next: /,
    );
  });

  it('stands alone where its line is empty or beyond the end', () => {
    expect(diagnosticText('a', '', diagnostic(7, 0, 1)).split('\n')).toHaveLength(2);
  });

  it('is counted in words', () => {
    expect(countsText([{ severity: 'error' }, { severity: 'error' }, { severity: 'warning' }])).toBe(
      '2 errors, 1 warning',
    );
    expect(countsText([])).toBe('');
  });
});

describe('numbers on the terminal', () => {
  it('are short, and honest where there is none', () => {
    expect([shareText(0.97312), shareText('NaN'), shareText(undefined)]).toEqual(['97.31 %', 'NaN', '—']);
    expect([valueText(0.41234), valueText('Infinity'), valueText(undefined)]).toEqual([
      '0.412',
      'Infinity',
      '—',
    ]);
  });

  it('make a curve of their own range, thinned to its width', () => {
    expect(curveText([3, 2, 1, 0], 10)).toBe('█▆▃▁');
    expect(
      curveText(
        Array.from({ length: 1000 }, (_, i) => i),
        8,
      ),
    ).toBe('▁▂▃▄▅▆▇█');
    expect(curveText([1, 1], 8)).toBe('▁▁');
    expect(curveText([], 8)).toBe('');
  });

  it('stand to the right in their columns', () => {
    expect(
      tableText(
        ['a', 'n'],
        [
          ['x', '1'],
          ['yy', '100'],
        ],
        ['left', 'right'],
      ),
    ).toBe('a     n\nx     1\nyy  100');
  });
});

const phaseOf = (phase: string, seed: number, accuracy: number): PhaseResult => ({
  ...{
    phase,
    model: phase,
    seed,
    epochs: 2,
    bestEpoch: 1,
    lastEpoch: 1,
    parameters: 25_450,
    multiplyAdds: 25_408,
    bytes: 1,
  },
  ...{ millisecondsPerStep: 2, imagesPerSecond: 1000, lastValidation: {} },
  test: { accuracy },
  validation: { accuracy },
});
const record = { id: 'r-1', name: 'R' } as RunRecord;

describe('the summary of a run', () => {
  it('shows each model over its seeds, the verdict in words, and where the run lies', () => {
    const phases = [
      phaseOf('teacher', 1, 0.98),
      ...[0.94, 0.95, 0.96].map((accuracy, i) => phaseOf('student', i + 1, accuracy)),
    ];
    const verdict = {
      verdict: 'BEATS',
      metric: 'accuracy',
      difference: 0.8,
      unit: 'points',
      interval: [0.3, 1.3],
      level: 0.95,
      pairs: 3,
      test: 'paired t',
    } as const;
    const text = summaryText({ ...record, results: { phases, verdict } }, 'completed', '/runs/r-1');
    expect(text).toMatch(/teacher +1 +98\.00 %/);
    expect(text).toMatch(/student +1, 2, 3 +95\.00 % ± 1\.00/);
    expect(text).toContain('BEATS the baseline: +0.8 points accuracy [+0.3, +1.3]');
    expect(text.endsWith('/runs/r-1')).toBe(true);
  });

  it('shows what chose the weights, with its unit, where that is not accuracy', () => {
    const reached = [0.2, 0.25, 0.3].map((loss, at) => ({
      ...phaseOf('student', at + 1, 0.9),
      test: { accuracy: 0.9, 'loss/ce': loss, macroF1: loss },
    }));
    const tableOf = (metric: string) =>
      summaryText(
        { ...record, results: { phases: reached, metric, verdict: null } },
        'completed',
        '/runs/r-1',
      );
    expect(tableOf('loss/ce')).toMatch(/test loss\/ce/);
    expect(tableOf('loss/ce')).toMatch(/student +1, 2, 3 +0\.2500 nats ± 0\.0500/);
    expect(tableOf('macroF1')).toMatch(/test macroF1/);
    expect(tableOf('macroF1')).toMatch(/student +1, 2, 3 +25\.00 % ± 5\.00/);
  });

  it('shows the verdict of each of several students, and the last epoch beside the best', () => {
    const verdict: Verdict = {
      verdict: 'BEATS',
      metric: 'accuracy',
      difference: 0.8,
      unit: 'points',
      interval: [0.3, 1.3],
      level: 0.975,
      pairs: 3,
      test: 'paired t, Holm over 2 students',
      lastEpoch: { difference: -0.1, interval: [-0.4, 0.2] },
    };
    const verdicts = [
      { student: 'student', verdict },
      { student: 'peer2', verdict: { ...verdict, verdict: 'INCONCLUSIVE' as const, interval: null } },
    ];
    const phases = [{ ...phaseOf('student', 1, 0.94), lastTest: { accuracy: 0.93 } }];
    const text = summaryText({ ...record, results: { phases, verdict, verdicts } }, 'completed', '/r');
    expect(text).toMatch(/student +1 +94\.00 % +94\.00 % +93\.00 % +2\/2/);
    expect(text).toContain('verdict  student: BEATS the baseline: +0.8 points accuracy [+0.3, +1.3]');
    expect(text).toContain('verdict  peer2: INCONCLUSIVE: +0.8 points accuracy');
    expect(text).toContain('last epoch: −0.1 points accuracy [−0.4, +0.2]');
  });

  it.each([
    [{ waiting: true }, 'queued', /kd queue list.*kd queue cancel r-1/],
    [{}, 'running', /kd log r-1 --follow.*kd stop r-1/],
    [{}, 'paused', /kd resume r-1` lets it go on/],
    [{}, 'interrupted', /kd resume r-1` goes on from the last checkpoint/],
  ] as const)('says of one %o that is %s what may be done', (more, status, next) => {
    expect(summaryText({ ...record, ...more, id: 'r-1', status }, status, '/r')).toMatch(next);
  });

  it('says why a run failed and what to do', () => {
    const failure = { code: 'KD5005', message: 'the disk is full', help: 'free some space' };
    expect(summaryText({ ...record, failure }, 'failed', '/r')).toMatch(
      /failed\nKD5005 the disk is full\n {2}next: free some space/,
    );
  });
});

describe('the live display', () => {
  it('paints over itself, fits the width, and leaves only the notes behind', () => {
    let screen = '';
    const display = new LiveDisplay({ write: (text: string) => (screen += text), columns: 30 });
    const progress = { phase: 'student', seed: 1, epoch: 0, epochs: 3, step: 5, done: 0.4, secondsLeft: 61 };
    display.take({
      type: 'record',
      record: { ...record, status: 'running', progress },
      status: 'running',
      silent: false,
    });
    const values = { loss: 0.5, imagesPerSecond: 1000 };
    display.take({
      type: 'metrics',
      records: [{ seq: 0, time: 0, phase: 'student', seed: 1, epoch: 0, step: 5, split: 'train', values }],
    });
    display.note('something happened');
    for (const line of screen.split('\n'))
      expect(line.replace(/\u001b\[\d*[AJ]/g, '').length).toBeLessThan(30);
    expect(screen).toContain('student · seed 1 · epoch 1/3');
    screen = '';
    display.end();
    expect(screen).toBe('\u001b[4A\u001b[J');
  });
});

describe('a profile on the terminal', () => {
  const phase: ProfiledPhase = {
    ...{ phase: 'student', architecture: 'resnet8', batch: 64, steps: 1000, milliseconds: 20 },
    parts: { batch: 1, teacher: 0, forward: 5, backward: 13, update: 1 },
    storedAnswers: 4,
    terms: [
      { id: 'kd', milliseconds: 0.5 },
      { id: 'at', milliseconds: -0.1 },
    ],
    operations: Array.from({ length: 14 }, (_, i) => ({
      ...{ operation: `Op${i}`, calls: 2, milliseconds: 1, bytes: 2 ** 20 },
    })),
    memory: { learner: 2 ** 20, optimizer: 2 ** 21, teacher: 0, batch: 2 ** 19, values: 2 ** 22 },
    peak: [{ kernel: 'Relu', bytes: 2 ** 22 }],
  };
  const text = (changes: Partial<ProfiledPhase> = {}) =>
    profileText({
      executor: { name: 'onnx-cpu', description: 'two threads' },
      phases: [{ ...phase, ...changes }],
      steps,
    });
  const steps: WholeStep[] = [
    {
      ...{ phase: 'student', learners: ['student'], milliseconds: 20 },
      overAlone: { ratio: 1.25, quartiles: [1.2, 1.333] },
    },
    { phase: 'baseline', learners: ['student'], milliseconds: 16, overAlone: null },
  ];

  it('sets whole steps beside that of the student alone, with the spread of the rounds', () => {
    expect(text()).toMatch(/student +20\.00 +x1\.25 +1\.20 to 1\.33\n *baseline +16\.00/);
  });

  it('compares with nobody where no student is trained alone', () => {
    const executor = { name: 'onnx-cpu', description: 'two threads' };
    const [step] = steps.map((one) => ({ ...one, overAlone: null }));
    expect(profileText({ executor, phases: [], steps: step === undefined ? [] : [step] })).not.toContain(
      'alone',
    );
  });

  it('says what a step and the whole phase take, with shares', () => {
    expect(text()).toContain('20.00 ms a step, 3200 images a second, 1000 steps in about 20 s');
    expect(text()).toMatch(/backward pass +13\.00 +65\.0 %/);
    expect(text()).toMatch(/kd +0\.50 +2\.5 %/);
    expect(text()).toContain('at: too little to be told from the noise');
  });

  it('sums up the operations that cost least, and says where none can be told', () => {
    expect(text()).toMatch(/2 others +4 +2\.00 +14\.3 % +2\.00/);
    expect(text({ operations: null })).toContain('cannot tell one operation from another');
  });

  it('counts a teacher where it answers in every step, and says so where it answered before', () => {
    expect(text()).toContain('the teacher answers once, before training: 4.00 ms a batch');
    const live = text({ storedAnswers: null, parts: { ...phase.parts, teacher: 4 } });
    expect(live).toMatch(/the teacher's answers +4\.00/);
    expect(live).not.toContain('answers once');
  });

  it('lists memory that is used, and who made what lives at the peak', () => {
    expect(text()).toMatch(/the optimizer +2\.00/);
    expect(text()).not.toContain("the teacher's weights");
    expect(text()).toMatch(/made by Relu +4\.00/);
  });
});

describe('the report on golden cases', () => {
  const one = (
    method: string,
    id: string,
    error: number | null,
    ...gradients: (number | null)[]
  ): VerifyCase => ({
    executor: 'onnx-cpu',
    method,
    id,
    passed: error !== null && error < 0.1,
    loss: { want: 1, got: error === null ? null : 1 + error, error } as VerifyCase['loss'],
    gradients: gradients.map(
      (maxError) => ({ name: 'x', maxError, passed: true }) as VerifyCase['gradients'][0],
    ),
  });
  const lines = (...cases: VerifyCase[]) =>
    verifyText({ cases, passed: 0, failed: 0, unknown: [], executors: ['onnx-cpu'], refused: [] })
      .split('\n')
      .map((line) => line.trim().split(/ +/));

  it('names the worst error of each method over all its cases', () => {
    const report = lines(
      one('kd', 'kd-1', 1e-6, 2e-7),
      one('at', 'at-1', 0, 3e-6),
      one('kd', 'kd-2', 1e-7, 4e-5),
    );
    expect(report).toContainEqual(['ok', 'kd', '2', '0.0000010', '0.000040']);
    expect(report).toContainEqual(['ok', 'at', '1', '0.0', '0.0000030']);
  });

  it('calls a method failed that one case failed, and what could not be computed unknown', () => {
    const report = lines(one('kd', 'kd-1', 0.5, 0), one('kd', 'kd-2', 0, 0), one('at', 'at-1', null));
    expect(report).toContainEqual(['FAILED', 'kd', '2', '0.50', '0.0']);
    expect(report).toContainEqual(['FAILED', 'at', '1', '—', '—']);
  });
});

describe('pairs of layers on the terminal', () => {
  const layer = (name: string, shape: readonly number[]) => ({
    name,
    path: `${name}.out`,
    shape,
    main: true,
  });
  const report: MatchReport = {
    source: '/w/.kd/runs/1',
    meeting: {
      ...{ phase: 'student', method: 'fitnet', batch: 32, matched: [] },
      teacher: {
        model: 'teacher',
        architecture: 'resnet20',
        layers: [layer('stage1', [8, 8, 16]), layer('stage2', [4, 4, 32])],
      },
      student: { model: 'student', architecture: 'resnet8', layers: [layer('stage1', [8, 8, 4])] },
      adapters: [
        [{ parameters: 112, multiplyAdds: 4096, kernels: ['1x1x4x16'] }],
        [{ parameters: 1248, multiplyAdds: 18432, kernels: ['3x3x4x32'] }],
      ],
    },
    weights: { teacher: 'teacher-1', student: 'student-1' },
    measured: {
      ...{ seed: 1, samples: 256, batches: 8 },
      tables: [{ measure: 'linearCka', values: [[0.912], [0.4]], errors: [[0.01], [0.02]] }],
    },
    milliseconds: 1234,
  };
  const text = (of: MatchReport) => matchText(of, rankedPairs(of, 'linearCka', DEFAULT_OPTIONS), 'linearCka');

  it('stand in a table with their reasons and the lines to insert', () => {
    expect(text(report).split('\n')).toEqual([
      'student: teacher (resnet20, teacher-1) and student (resnet8, student-1)',
      'linear CKA on 256 samples in 8 batches, 1.2 s',
      '',
      '   teacher  shape   student  shape  similarity     adapter   parameters  multiply-adds a step',
      '1  stage1   8x8x16  stage1   8x8x4  0.912 ± 0.010  1x1x4x16         112               393,216',
      '',
      '1  the teacher layer most alike; clearly before stage2 (0.40); same height and width',
      '',
      'To match them, under distill.match:',
      '',
      '  - fitnet: { weight: 100, pairs: [[stage1, stage1]] }',
    ]);
  });

  it('are said to be none where nothing is alike', () => {
    const unlike = {
      ...report,
      measured: { ...report.measured, tables: [{ measure: 'linearCka', values: [[0], [-0.1]] }] },
    } as MatchReport;
    expect(text(unlike)).toContain('no pair of layers that fitnet can match is alike');
  });
});
