import { CanvasPen, type Pen } from './pen.ts';
import { SvgPen } from './svg-pen.ts';

/** Something that can be drawn with any pen, in pixels. */
export interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly draw: (pen: Pen) => void;
}

/** Sharp also where it is printed or shown large. */
const PNG_SCALE = 2;
const LARGEST_SIDE = 8_000;

/** In base64; empty where the browser cannot make one. */
export function pngOfSheet({ width, height, draw }: Sheet): string {
  const canvas = document.createElement('canvas');
  const scale = Math.min(PNG_SCALE, LARGEST_SIDE / width, LARGEST_SIDE / height);
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  const context = canvas.getContext('2d');
  if (!context) return '';
  context.scale(scale, scale);
  draw(new CanvasPen(context));
  return canvas.toDataURL('image/png').replace(/^[^,]*,/u, '');
}

/** The text of an SVG file. */
export function svgOfSheet({ width, height, draw }: Sheet, title: string): string {
  const pen = new SvgPen();
  draw(pen);
  return pen.file(width, height, title);
}
