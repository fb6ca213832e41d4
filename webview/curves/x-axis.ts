import type { SeriesKey } from '../../src/protocol/panel.ts';
import type { PanelContent } from '../../src/protocol/panel-content.ts';
import type { CurveColumns, CurvePoint } from '../../src/protocol/thinning.ts';

/**
 * What runs from left to right. `phaseTime`: seconds since the phase began with this seed. `runTime`: since the run began, so that
 * one phase follows the other.
 */
export const X_AXES = ['step', 'epoch', 'phaseTime', 'runTime'] as const;
export type XAxis = (typeof X_AXES)[number];

/** Where the points of one phase and seed stand; NaN where that is not known. */
export interface Placing {
  readonly x: (point: Pick<CurvePoint, 'step' | 'time'>) => number;
  readonly xsOf: (columns: CurveColumns) => Float64Array;
  /** Two placings with the same name place all points alike. */
  readonly name: string;
}

const BY_STEP: Placing = { x: ({ step }) => step, xsOf: ({ steps }) => steps, name: 'step' };

type Job = Pick<SeriesKey, 'phase' | 'seed'>;

/** Places points of a run, phase by phase and seed by seed. */
export class Placings {
  readonly #content: PanelContent;
  readonly #axis: XAxis;
  readonly #known = new Map<string, Placing>();

  constructor(content: PanelContent, axis: XAxis) {
    this.#content = content;
    this.#axis = axis;
  }

  of({ phase, seed }: Job): Placing {
    const name = JSON.stringify([phase, seed]);
    const placing = this.#known.get(name) ?? this.#make({ phase, seed });
    this.#known.set(name, placing);
    return placing;
  }

  #make(job: Job): Placing {
    switch (this.#axis) {
      case 'step':
        return BY_STEP;
      case 'epoch':
        return byEpoch(boundariesOf(this.#content, job));
      case 'phaseTime':
        return since(beginningOf(this.#content, job));
      case 'runTime':
        return since(beginningOfRun(this.#content));
    }
  }
}

function placingBy(x: Placing['x'], name: string): Placing {
  const xsOf = ({ steps, times }: CurveColumns) =>
    steps.map((step, row) => x({ step, time: times[row] ?? NaN }));
  return { x, xsOf, name };
}

function since(start: number): Placing {
  return placingBy(({ time }) => (time > 0 ? time - start : NaN), `since ${start}`);
}

interface Boundary {
  readonly step: number;
  /** Epochs that are done at this step. */
  readonly epochs: number;
}

/** Where epochs end: validation is recorded there. */
function boundariesOf(content: PanelContent, { phase, seed }: Job): Boundary[] {
  const known = new Map<number, Boundary>([[0, { step: 0, epochs: 0 }]]);
  for (const key of content.keys()) {
    if (key.phase !== phase || key.seed !== seed || key.split !== 'validation') continue;
    const { steps, epochs } = content.columns(key);
    steps.forEach((step, row) => known.set(step, { step, epochs: (epochs[row] ?? NaN) + 1 }));
  }
  return [...known.values()].sort((a, b) => a.step - b.step);
}

/**
 * Steps as epochs: whole where one ends, in between in proportion to the steps. The epoch at work is taken to be as long as the
 * one before it; before the first has ended nothing is known.
 */
function byEpoch(boundaries: readonly Boundary[]): Placing {
  const last = boundaries.at(-1);
  const name = `epoch ${boundaries.length} ${last?.step ?? 0}`;
  return placingBy(({ step }) => epochsAt(boundaries, step), name);
}

function epochsAt(boundaries: readonly Boundary[], step: number): number {
  let [low, high] = [0, boundaries.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((boundaries[middle]?.step ?? 0) < step) low = middle + 1;
    else high = middle;
  }
  const after = boundaries[low];
  const before = boundaries[low - 1];
  if (after?.step === step) return after.epochs;
  if (!after || !before || after.step === before.step) return NaN;
  return before.epochs + ((step - before.step) / (after.step - before.step)) * (after.epochs - before.epochs);
}

/** The earliest that is known of a phase with a seed; 0: nothing. */
function beginningOf(content: PanelContent, { phase, seed }: Job): number {
  const told = content.events.filter(
    (event) => event.kind === 'phase' && event.phase === phase && event.seed === seed,
  );
  const recorded = content.keys().filter((key) => key.phase === phase && key.seed === seed);
  return earliest([...told.map(({ time }) => time), ...firstTimes(content, recorded)]);
}

function beginningOfRun(content: PanelContent): number {
  const started = Date.parse(content.run.startedAt ?? '') / 1000;
  return earliest([started, ...firstTimes(content, content.keys())]);
}

function firstTimes(content: PanelContent, keys: readonly SeriesKey[]): number[] {
  return keys.flatMap((key) => content.columns(key).times[0] ?? []);
}

function earliest(times: readonly number[]): number {
  const known = times.filter((time) => Number.isFinite(time) && time > 0);
  return known.reduce((a, b) => Math.min(a, b), known[0] ?? 0);
}
