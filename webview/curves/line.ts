import type { ColorName } from '../theme.ts';

export type Marker = 'circle' | 'triangle' | 'rect' | 'rectRot' | 'cross' | 'star';

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  /** Zero-based. */
  readonly epoch: number;
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
  /** `background`: one of several seeds, behind their mean. */
  readonly role: 'main' | 'background';
  readonly color: ColorName;
  readonly marker: Marker;
  readonly dash: readonly number[];
  readonly points: readonly LinePoint[];
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
