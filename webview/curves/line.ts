import type { ColorName } from '../theme.ts';
import type { LinePoints } from './points.ts';

export type Marker = 'circle' | 'triangle' | 'rect' | 'rectRot' | 'cross' | 'star';

/** How far several seeds lie apart around their mean; its columns are of one length. */
export interface Band {
  /** From the lowest to the highest of them, or one standard deviation (n - 1) to both sides of the mean. */
  readonly kind: 'range' | 'deviation';
  readonly xs: Float64Array;
  readonly lows: Float64Array;
  readonly highs: Float64Array;
}

export type MarkKind = 'phase' | 'checkpoint' | 'guard' | 'warning' | 'resume';

/** Something that happened at a place of the x axis. */
export interface Mark {
  readonly x: number;
  readonly kind: MarkKind;
  readonly label: string;
}

/** One curve as it is to be drawn: told apart by colour, by marker and by dash. */
export interface Line {
  readonly id: string;
  /** Lines of one group share an entry of the legend: a mean and its seeds. */
  readonly group: string;
  /** Without the seed: what the legend says of the group. */
  readonly name: string;
  /** In full, for a tooltip. */
  readonly label: string;
  /** `background`: one of several seeds behind their mean, or the recorded values behind the smoothed ones. */
  readonly role: 'main' | 'background';
  /** Where several runs are laid over each other: the name of the run, and what it looks like beside the others. */
  readonly run?: RunOfLine;
  readonly band?: Band;
  readonly color: ColorName;
  readonly marker: Marker;
  readonly dash: readonly number[];
  readonly points: LinePoints;
}

export interface RunOfLine {
  /** Its directory. */
  readonly id: string;
  readonly name: string;
}

/** A horizontal line at a value worth comparing with. */
export interface ReferenceLine {
  readonly label: string;
  readonly color: ColorName;
  readonly value: number;
}

export const SOLID: readonly number[] = [];
export const DASHED: readonly number[] = [6, 4];
export const DOTTED: readonly number[] = [2, 3];

/** So many looks differ by colour or by marker. */
const LOOKS = 36;

/** A look for the n-th of many runs: the first ones differ in both, all of `LOOKS` in one of them. */
export function styleOfRun(index: number): ReturnType<typeof styleOf> {
  const place = index % LOOKS;
  const { color } = styleOf(place);
  return { color, marker: styleOf(place + Math.floor(place / STYLES.length)).marker };
}

const STYLES: readonly { readonly color: ColorName; readonly marker: Marker }[] = [
  { color: 'blue', marker: 'circle' },
  { color: 'orange', marker: 'triangle' },
  { color: 'green', marker: 'rect' },
  { color: 'purple', marker: 'rectRot' },
  { color: 'red', marker: 'cross' },
  { color: 'yellow', marker: 'star' },
];

/** A look for the n-th thing in a chart. */
export function styleOf(index: number): { readonly color: ColorName; readonly marker: Marker } {
  return STYLES[index % STYLES.length] ?? { color: 'foreground', marker: 'circle' };
}

const PHASES = ['student', 'baseline', 'teacher'];

/** A phase looks the same in every chart. */
export function styleOfPhase(phase: string, phases: readonly string[]): ReturnType<typeof styleOf> {
  const known = PHASES.indexOf(phase);
  if (known === 2) return styleOf(3);
  if (known !== -1) return styleOf(known);
  const others = phases.filter((other) => !PHASES.includes(other));
  return styleOf(4 + others.indexOf(phase));
}
