import type { ProfiledPhase, ProfileReport, WholeStep } from '../protocol/records.ts';
import { tableText } from './table.ts';

/** Operations and kernels beyond these are summed up: what costs next to nothing hides what costs. */
const SHOWN = 12;
const MEGABYTE = 2 ** 20;

const PARTS = {
  batch: 'putting the batch together',
  teacher: "the teacher's answers",
  forward: 'forward pass',
  backward: 'backward pass',
  update: 'update of the weights',
} as const;

const MEMORY = {
  learner: 'weights and statistics',
  optimizer: 'the optimizer',
  teacher: "the teacher's weights",
  batch: 'the batch',
  values: 'values of the step, at their peak',
} as const;

export function profileText({ executor, phases, steps }: ProfileReport): string {
  const parts = [`measured on ${executor.name} (${executor.description})`, ...phases.map(phaseText)];
  return [...parts, stepsText(steps)].join('\n\n');
}

function stepsText(steps: readonly WholeStep[]): string {
  const rows = steps.map(({ phase, milliseconds, overAlone }) => [
    phase,
    time(milliseconds),
    overAlone === null ? '' : `x${overAlone.ratio.toFixed(2)}`,
    overAlone === null ? '' : overAlone.quartiles.map((ratio) => ratio.toFixed(2)).join(' to '),
  ]);
  const isCompared = steps.some(({ overAlone }) => overAlone !== null);
  const columns = isCompared ? 4 : 2;
  return tableText(
    ['a whole step of', 'ms', 'of the student alone', 'half of the rounds'].slice(0, columns),
    rows.map((row) => row.slice(0, columns)),
    (['left', 'right', 'right', 'right'] as const).slice(0, columns),
  );
}

function phaseText(phase: ProfiledPhase): string {
  const { milliseconds, batch, steps, operations } = phase;
  const rate = Math.round((1000 * batch) / milliseconds);
  const head = [
    `${phase.phase}: ${phase.architecture}, batch ${batch}`,
    `${milliseconds.toFixed(2)} ms a step, ${rate} images a second, ${steps} steps in about ${duration((steps * milliseconds) / 1000)}`,
  ];
  return [
    head.join('\n'),
    partsText(phase),
    ...(phase.terms.length === 0 ? [] : [termsText(phase)]),
    operations === null ? 'this executor cannot tell one operation from another' : operationsText(operations),
    memoryText(phase),
  ].join('\n\n');
}

function partsText({ parts, milliseconds, storedAnswers }: ProfiledPhase): string {
  const rows = names(PARTS).flatMap((part) =>
    part === 'teacher' && parts.teacher === 0
      ? []
      : [[PARTS[part], time(parts[part]), share(parts[part], milliseconds)]],
  );
  const table = tableText(['part', 'ms', 'share'], rows, ['left', 'right', 'right']);
  return storedAnswers === null
    ? table
    : `${table}\nthe teacher answers once, before training: ${time(storedAnswers)} ms a batch`;
}

function termsText({ terms, milliseconds }: ProfiledPhase): string {
  const rows = terms.map((term) => [
    term.id,
    time(term.milliseconds),
    share(term.milliseconds, milliseconds),
  ]);
  const table = tableText(['loss term', 'ms', 'share'], rows, ['left', 'right', 'right']);
  const hidden = terms.filter((term) => term.milliseconds <= 0).map(({ id }) => id);
  return hidden.length === 0
    ? table
    : `${table}\n${hidden.join(', ')}: too little to be told from the noise of the machine`;
}

function operationsText(operations: NonNullable<ProfiledPhase['operations']>): string {
  const sum = operations.reduce((total, { milliseconds }) => total + milliseconds, 0);
  const rows = operations
    .slice(0, SHOWN)
    .map(({ operation, calls, milliseconds, bytes }) => [
      ...[operation, String(calls), time(milliseconds), share(milliseconds, sum), megabytes(bytes)],
    ]);
  const others = operations.slice(SHOWN);
  if (others.length > 0) {
    const total = (of: (one: (typeof others)[number]) => number) =>
      others.reduce((all, one) => all + of(one), 0);
    const rest = total(({ milliseconds }) => milliseconds);
    rows.push([
      ...[`${others.length} others`, String(total(({ calls }) => calls)), time(rest), share(rest, sum)],
      megabytes(total(({ bytes }) => bytes)),
    ]);
  }
  return tableText(['operation', 'calls', 'ms', 'share', 'MB written'], rows, [
    ...(['left', 'right', 'right', 'right', 'right'] as const),
  ]);
}

function memoryText({ memory, peak }: ProfiledPhase): string {
  const rows = names(MEMORY)
    .filter((part) => memory[part] > 0)
    .map((part) => [MEMORY[part], megabytes(memory[part])]);
  const makers = peak.slice(0, SHOWN).map(({ kernel, bytes }) => [`  made by ${kernel}`, megabytes(bytes)]);
  return tableText(['memory', 'MB'], [...rows, ...makers], ['left', 'right']);
}

function names<T extends string>(of: Readonly<Record<T, string>>): readonly T[] {
  return Object.keys(of) as T[];
}

function time(milliseconds: number): string {
  return milliseconds.toFixed(2);
}

function share(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(2);
}

function duration(seconds: number): string {
  return seconds < 90 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(0)} min`;
}
