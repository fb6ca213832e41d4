import type { Marker } from '../curves/line.ts';
import type { Area } from './projection.ts';

export interface Stroke {
  readonly color: string;
  readonly width: number;
  readonly dash: readonly number[];
}

export interface Lettering {
  readonly color: string;
  readonly size: number;
  readonly family: string;
  readonly align: 'start' | 'middle' | 'end';
  readonly isBold?: boolean;
  /** Degrees, clockwise. */
  readonly turned?: number;
}

/** What a chart is drawn with: on the screen and for PNG a canvas, for SVG text. */
export interface Pen {
  /** A line through x and y in turn, broken where a value is NaN. */
  line(path: Float32Array, stroke: Stroke): void;
  /** The inside of a closed line. */
  fill(path: Float32Array, color: string): void;
  marker(kind: Marker, x: number, y: number, size: number, color: string): void;
  /** One line of text; its middle is at `y`. */
  text(text: string, x: number, y: number, lettering: Lettering): void;
  box(area: Area, color: string): void;
  /** A picture of pixels, each of them with sharp edges however large it is drawn. */
  image(picture: HTMLCanvasElement, area: Area): void;
  /** Draws within a part of the picture alone. */
  within(area: Area, draw: () => void): void;
}

/** Points of a marker of half-width 1 around the origin; circles are drawn as circles. */
export const MARKER_SHAPES: Readonly<
  Record<Exclude<Marker, 'circle'>, readonly (readonly [number, number])[]>
> = {
  triangle: [
    [0, -1.15],
    [1.1, 0.85],
    [-1.1, 0.85],
  ],
  rect: [
    [-0.9, -0.9],
    [0.9, -0.9],
    [0.9, 0.9],
    [-0.9, 0.9],
  ],
  rectRot: [
    [0, -1.25],
    [1.25, 0],
    [0, 1.25],
    [-1.25, 0],
  ],
  cross: [
    [-0.4, -1.2],
    [0.4, -1.2],
    [0.4, -0.4],
    [1.2, -0.4],
    [1.2, 0.4],
    [0.4, 0.4],
    [0.4, 1.2],
    [-0.4, 1.2],
    [-0.4, 0.4],
    [-1.2, 0.4],
    [-1.2, -0.4],
    [-0.4, -0.4],
  ],
  star: Array.from({ length: 10 }, (_, index) => {
    const [angle, radius] = [(Math.PI * index) / 5 - Math.PI / 2, index % 2 === 0 ? 1.4 : 0.6];
    return [radius * Math.cos(angle), radius * Math.sin(angle)] as const;
  }),
};

export class CanvasPen implements Pen {
  readonly #context: CanvasRenderingContext2D;

  constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
  }

  line(path: Float32Array, { color, width, dash }: Stroke): void {
    const context = this.#context;
    context.strokeStyle = color;
    context.lineWidth = width;
    context.lineJoin = 'round';
    context.setLineDash([...dash]);
    context.beginPath();
    trace(context, path);
    context.stroke();
  }

  fill(path: Float32Array, color: string): void {
    const context = this.#context;
    context.fillStyle = color;
    context.beginPath();
    trace(context, path);
    context.fill();
  }

  marker(kind: Marker, x: number, y: number, size: number, color: string): void {
    const context = this.#context;
    context.fillStyle = color;
    context.beginPath();
    if (kind === 'circle') context.arc(x, y, size, 0, 2 * Math.PI);
    else MARKER_SHAPES[kind].forEach(([across, down]) => context.lineTo(x + size * across, y + size * down));
    context.fill();
  }

  text(
    text: string,
    x: number,
    y: number,
    { color, size, family, align, isBold, turned = 0 }: Lettering,
  ): void {
    const context = this.#context;
    context.save();
    context.translate(x, y);
    context.rotate((turned * Math.PI) / 180);
    context.fillStyle = color;
    context.font = `${isBold === true ? 'bold ' : ''}${size}px ${family}`;
    context.textAlign = align === 'middle' ? 'center' : align === 'start' ? 'left' : 'right';
    context.textBaseline = 'middle';
    context.fillText(text, 0, 0);
    context.restore();
  }

  box({ left, top, right, bottom }: Area, color: string): void {
    this.#context.fillStyle = color;
    this.#context.fillRect(left, top, right - left, bottom - top);
  }

  image(picture: HTMLCanvasElement, { left, top, right, bottom }: Area): void {
    const context = this.#context;
    context.imageSmoothingEnabled = false;
    context.drawImage(picture, left, top, right - left, bottom - top);
  }

  within({ left, top, right, bottom }: Area, draw: () => void): void {
    const context = this.#context;
    context.save();
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    draw();
    context.restore();
  }
}

/** Parts of a pixel, and the furthest of them: a small whole number to the browser. */
const PARTS = 16;
const FURTHEST = 2 ** 29;

/**
 * Tells the browser of a path in whole sixteenths of a pixel: of each number that is no small whole one it makes an object to hand it
 * over, and a hundred lines have a quarter of a million.
 */
function trace(context: CanvasRenderingContext2D, path: Float32Array): void {
  // Scaled there and back, exactly by a power of two: a saved state is an object of the browser, one for each of a hundred lines a frame.
  context.scale(1 / PARTS, 1 / PARTS);
  let isDown = false;
  for (let index = 0; index < path.length; index += 2) {
    const x = path[index] ?? NaN;
    const y = path[index + 1] ?? NaN;
    if (Number.isNaN(x) || Number.isNaN(y)) isDown = false;
    else if (isDown) context.lineTo(inParts(x), inParts(y));
    else {
      context.moveTo(inParts(x), inParts(y));
      isDown = true;
    }
  }
  // The path stays where it is, and the stroke as wide as it should be.
  context.scale(PARTS, PARTS);
}

function inParts(pixels: number): number {
  return Math.max(-FURTHEST, Math.min(FURTHEST, Math.round(pixels * PARTS)));
}
