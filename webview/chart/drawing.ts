import type { Line, Mark, ReferenceLine } from '../curves/line.ts';
import type { Palette } from '../theme.ts';
import type { Tick } from './axes.ts';
import type { Projection } from './projection.ts';

/** What a chart shows, and how its values are said. */
export interface Drawing {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly references: readonly ReferenceLine[];
  readonly marks?: readonly Mark[];
  readonly isLogarithmic: boolean;
  readonly xLabel: string;
  readonly xText: (x: number) => string;
  readonly yText: (y: number) => string;
  /** Shorter than `yText`: the unit stands in the title. */
  readonly tickText: (y: number) => string;
  /** No value can be higher: the axis ends there. */
  readonly highest?: number;
  /** What stands above the values of a point. */
  readonly pointTitle: (x: number, epoch: number) => string;
  /** The picture in words. */
  readonly summary: string;
}

/** What a picture file of the chart is made from. */
export interface ChartState {
  readonly drawing: Drawing;
  readonly palette: Palette;
  readonly projection: Projection;
  readonly ticks: { readonly x: readonly Tick[]; readonly y: readonly Tick[] };
  readonly size: { readonly width: number; readonly height: number };
}

/** Where nothing differs, what was drawn before still holds. */
export function isSamePicture(before: readonly Line[], now: readonly Line[]): boolean {
  return (
    before.length === now.length &&
    before.every((line, index) => {
      const other = now[index];
      return (
        other !== undefined &&
        line.points === other.points &&
        line.band === other.band &&
        line.role === other.role &&
        line.color === other.color &&
        line.marker === other.marker &&
        line.dash === other.dash
      );
    })
  );
}
