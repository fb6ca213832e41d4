import type { Line } from '../curves/line.ts';
import type { Palette } from '../theme.ts';
import { paintAllLines, paintLines } from './paint.ts';
import { CanvasPen } from './pen.ts';
import type { Projection } from './projection.ts';
import { visibleSlice } from './trace.ts';

/** Up to so many points the lines are drawn anew for each frame. */
const FEW_POINTS = 12_000;
/** How much further than the view a picture reaches to each side, as a share of the view. */
const BEYOND = 0.5;
/** A new picture is begun when the view comes so near to the end of the one before, as a share of the view. */
const NEAR_END = 0.2;
/** How long a frame may work on a picture. */
const BUDGET_MILLISECONDS = 7;
/** Lines that a picture gains in a frame at first, and at least. */
const LINES_AT_FIRST = 8;
const FEWEST_LINES = 2;
const MOST_LINES = 200;
/** Frames further apart than this are late; further than that they do not follow on one another. */
const LATE_MILLISECONDS = 22;
const APART_MILLISECONDS = 500;

export interface LinesToDraw {
  readonly lines: readonly Line[];
  readonly palette: Palette;
}

interface Picture {
  readonly canvas: HTMLCanvasElement;
  readonly projection: Projection;
  readonly source: LinesToDraw;
  readonly rest: Iterator<void>;
  isDone: boolean;
}

/**
 * The lines of a chart. Many of them are drawn bit by bit into a picture that is larger than the view, and the view moves over it:
 * so it moves at the pace of the screen however many lines there are, and shows all of them as they are once it rests.
 */
export class LineLayer {
  readonly #again: () => void;
  #front: Picture | null = null;
  #back: Picture | null = null;
  /** Of a picture that was replaced. Pictures take megabytes, and are begun anew with each change while many runs come in. */
  #spare: HTMLCanvasElement | null = null;
  #linesAFrame = LINES_AT_FIRST;
  #lastWork = -Infinity;

  /** @param again asks for another frame */
  constructor(again: () => void) {
    this.#again = again;
  }

  /** Whether what was drawn last is all that there is to see. */
  get isComplete(): boolean {
    return this.#back === null;
  }

  draw(context: CanvasRenderingContext2D, projection: Projection, source: LinesToDraw): void {
    const pen = new CanvasPen(context);
    if (!hasManyPoints(source.lines, projection)) {
      [this.#front, this.#back, this.#spare] = [null, null, null];
      pen.within(projection.area, () => paintAllLines(pen, source.lines, projection, source.palette));
      return;
    }
    this.#prepare(context, projection, source);
    const shown = this.#front ?? this.#back;
    if (shown) pen.within(projection.area, () => place(context, shown, projection));
    if (this.#back) this.#again();
  }

  /** Sees to it that a picture of the view is there or in the making, and works on it for a while. */
  #prepare(context: CanvasRenderingContext2D, projection: Projection, source: LinesToDraw): void {
    const isGood = (picture: Picture | null) =>
      picture?.source === source &&
      isSameScale(picture.projection, projection) &&
      hasRoom(picture.projection, projection);
    if (isGood(this.#front)) [this.#back, this.#spare] = [null, this.#back?.canvas ?? this.#spare];
    else if (!isGood(this.#back)) {
      const canvas = this.#back?.canvas ?? this.#spare ?? document.createElement('canvas');
      [this.#back, this.#spare] = [begin(context, projection, source, canvas), null];
    }
    if (!this.#back) return;
    const now = performance.now();
    this.#keepPace(now);
    for (let line = 0; line < this.#linesAFrame && performance.now() < now + BUDGET_MILLISECONDS; line += 1) {
      this.#back.isDone = this.#back.rest.next().done === true;
      if (this.#back.isDone) break;
    }
    if (!this.#back.isDone) return;
    [this.#front, this.#back, this.#spare] = [this.#back, null, this.#front?.canvas ?? null];
  }

  /**
   * Most of what a line costs is spent after it was told to the browser, where no clock of the page sees it: a frame that comes late
   * asks for fewer lines in the next one, a frame in time for more.
   */
  #keepPace(now: number): void {
    const apart = now - this.#lastWork;
    this.#lastWork = now;
    if (apart > APART_MILLISECONDS) return;
    const wanted =
      apart > LATE_MILLISECONDS ? Math.floor(this.#linesAFrame / 2) : Math.ceil(this.#linesAFrame * 1.25);
    this.#linesAFrame = Math.max(FEWEST_LINES, Math.min(MOST_LINES, wanted));
  }
}

/** @param canvas is emptied first */
function begin(
  context: CanvasRenderingContext2D,
  projection: Projection,
  source: LinesToDraw,
  canvas: HTMLCanvasElement,
): Picture {
  const wide = projection.widened(BEYOND);
  const { a: ratio } = context.getTransform();
  canvas.width = Math.ceil(wide.area.right * ratio);
  canvas.height = Math.ceil(wide.area.bottom * ratio);
  const own = canvas.getContext('2d');
  own?.scale(ratio, ratio);
  const rest: Iterator<void> = own
    ? paintLines(new CanvasPen(own), source.lines, wide, source.palette)
    : [][Symbol.iterator]();
  return { canvas, projection: wide, source, rest, isDone: false };
}

/** Lays a picture where its values are now: moved, or stretched until a new one is there. */
function place(
  context: CanvasRenderingContext2D,
  { canvas, projection: own }: Picture,
  projection: Projection,
): void {
  if (own.ranges.isLogarithmic !== projection.ranges.isLogarithmic) return;
  const { left, right, top, bottom } = own.area;
  const [[low, high], [lower, upper]] = [own.ranges.x, own.ranges.y];
  const across = (projection.x(high) - projection.x(low)) / (right - left);
  const down = (projection.y(lower) - projection.y(upper)) / (bottom - top);
  const { a: ratio } = context.getTransform();
  const x = projection.x(low) - left * across;
  const y = projection.y(upper) - top * down;
  const [width, height] = [(canvas.width / ratio) * across, (canvas.height / ratio) * down];
  // Between pixels it would be blurred.
  if (isSameScale(own, projection)) context.drawImage(canvas, Math.round(x), Math.round(y), width, height);
  else context.drawImage(canvas, x, y, width, height);
}

function isSameScale(picture: Projection, view: Projection): boolean {
  const [own, wanted] = [picture.ranges, view.ranges];
  const width = ({ area }: Projection) => area.right - area.left;
  const perPixel = (one: Projection) => (one.ranges.x[1] - one.ranges.x[0]) / width(one);
  const height = ({ area }: Projection) => area.bottom - area.top;
  return (
    own.isLogarithmic === wanted.isLogarithmic &&
    own.y[0] === wanted.y[0] &&
    own.y[1] === wanted.y[1] &&
    Math.abs(height(picture) - height(view)) < 1e-6 &&
    Math.abs(perPixel(picture) / perPixel(view) - 1) < 1e-6
  );
}

/** Whether the picture reaches a good deal further than the view on both sides. */
function hasRoom(picture: Projection, view: Projection): boolean {
  const [own, seen] = [picture.ranges.x, view.ranges.x];
  const room = NEAR_END * (seen[1] - seen[0]);
  return own[0] <= seen[0] - room && own[1] >= seen[1] + room;
}

function hasManyPoints(lines: readonly Line[], { ranges }: Projection): boolean {
  let points = 0;
  for (const line of lines) {
    const [from, to] = visibleSlice(line.points, ranges.x);
    points += to - from;
    if (points > FEW_POINTS) return true;
  }
  return false;
}
