import { escapeMarkup } from '../../src/protocol/markup.ts';
import type { Marker } from '../curves/line.ts';
import type { Lettering, Pen, Stroke } from './pen.ts';
import { MARKER_SHAPES } from './pen.ts';
import type { Area } from './projection.ts';

/** Draws a picture as the text of an SVG file: shapes and letters alone, nothing that could be run or loaded. */
export class SvgPen implements Pen {
  readonly #parts: string[] = [];
  #clips = 0;

  line(path: Float32Array, { color, width, dash }: Stroke): void {
    const data = dataOf(path);
    if (data === '') return;
    const dashes = dash.length === 0 ? '' : ` stroke-dasharray="${dash.join(' ')}"`;
    this.#parts.push(
      `<path d="${data}" fill="none" ${paint('stroke', color)} stroke-width="${width}" stroke-linejoin="round"${dashes}/>`,
    );
  }

  fill(path: Float32Array, color: string): void {
    const data = dataOf(path);
    if (data !== '') this.#parts.push(`<path d="${data}Z" ${paint('fill', color)}/>`);
  }

  marker(kind: Marker, x: number, y: number, size: number, color: string): void {
    if (kind === 'circle') {
      this.#parts.push(`<circle cx="${short(x)}" cy="${short(y)}" r="${size}" ${paint('fill', color)}/>`);
      return;
    }
    const points = MARKER_SHAPES[kind].map(
      ([across, down]) => `${short(x + size * across)},${short(y + size * down)}`,
    );
    this.#parts.push(`<polygon points="${points.join(' ')}" ${paint('fill', color)}/>`);
  }

  text(text: string, x: number, y: number, { color, size, family, align, isBold, turned }: Lettering): void {
    const turn = turned === undefined ? '' : ` transform="rotate(${turned} ${short(x)} ${short(y)})"`;
    const weight = isBold === true ? ' font-weight="bold"' : '';
    this.#parts.push(
      `<text x="${short(x)}" y="${short(y)}" dominant-baseline="central" text-anchor="${align}" font-family="${escapeMarkup(family)}" font-size="${size}"${weight}${turn} ${paint('fill', color)}>${escapeMarkup(text)}</text>`,
    );
  }

  box({ left, top, right, bottom }: Area, color: string): void {
    this.#parts.push(`<rect ${corners(left, top, right, bottom)} ${paint('fill', color)}/>`);
  }

  /** The pixels stand in the file itself. */
  image(picture: HTMLCanvasElement, { left, top, right, bottom }: Area): void {
    const pixels = picture.toDataURL('image/png');
    this.#parts.push(
      `<image ${corners(left, top, right, bottom)} preserveAspectRatio="none" image-rendering="pixelated" href="${pixels}"/>`,
    );
  }

  within({ left, top, right, bottom }: Area, draw: () => void): void {
    this.#clips += 1;
    const name = `part${this.#clips}`;
    this.#parts.push(`<clipPath id="${name}"><rect ${corners(left, top, right, bottom)}/></clipPath>`);
    this.#parts.push(`<g clip-path="url(#${name})">`);
    draw();
    this.#parts.push('</g>');
  }

  /** The whole file. */
  file(width: number, height: number, title: string): string {
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
      `<title>${escapeMarkup(title)}</title>`,
      ...this.#parts,
      '</svg>\n',
    ].join('\n');
  }
}

function dataOf(path: Float32Array): string {
  let data = '';
  let isDown = false;
  for (let index = 0; index < path.length; index += 2) {
    const [x, y] = [path[index] ?? NaN, path[index + 1] ?? NaN];
    if (Number.isNaN(x) || Number.isNaN(y)) {
      isDown = false;
      continue;
    }
    data += `${isDown ? 'L' : 'M'}${short(x)} ${short(y)}`;
    isDown = true;
  }
  return data;
}

function corners(left: number, top: number, right: number, bottom: number): string {
  return `x="${short(left)}" y="${short(top)}" width="${short(right - left)}" height="${short(bottom - top)}"`;
}

/** Not every viewer knows colours that are partly transparent. */
function paint(what: 'fill' | 'stroke', color: string): string {
  const [, red, green, blue, alpha] = /^rgba\((\d+), (\d+), (\d+), ([\d.]+)\)$/u.exec(color) ?? [];
  if (alpha === undefined) return `${what}="${escapeMarkup(color)}"`;
  return `${what}="rgb(${red}, ${green}, ${blue})" ${what}-opacity="${alpha}"`;
}

/** A hundredth of a pixel is enough. */
function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
