import type { AttentionMap, GapReport } from '../../src/protocol/gap-report.ts';
import { element } from '../dom.ts';
import { channelsOf, readPalette } from '../theme.ts';
import { bytesOf } from './bytes.ts';

/** Pixels of a picture on the page, before the zoom of the screen. */
const SIDE = 96;
/** How much of a picture the strongest place covers. */
const STRONGEST = 0.75;

type Size = GapReport['picture'];

/**
 * A sample as a picture, with where a network looks above it, where that is given: brighter colour is stronger, the crucial region is framed.
 *
 * @param spoken the picture in words
 */
export function pictureOf(
  pixels: string,
  size: Size,
  spoken: string,
  attention?: AttentionMap,
): HTMLCanvasElement {
  const canvas = element('canvas', {
    class: 'sample-picture',
    attributes: { role: 'img', 'aria-label': spoken },
  });
  const scale = Math.max(1, Math.ceil((SIDE * devicePixelRatio) / Math.max(size.height, size.width)));
  canvas.width = size.width * scale;
  canvas.height = size.height * scale;
  const context = canvas.getContext('2d');
  if (context === null) return canvas;
  context.imageSmoothingEnabled = false;
  context.drawImage(imageOf(bytesOf(pixels), size), 0, 0, canvas.width, canvas.height);
  if (attention !== undefined) drawAttention(context, canvas.width, canvas.height, attention);
  return canvas;
}

function imageOf(bytes: Uint8Array, { height, width, channels }: Size): HTMLCanvasElement {
  const canvas = element('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) return canvas;
  const image = context.createImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let c = 0; c < 3; c += 1)
      image.data[pixel * 4 + c] = bytes[pixel * channels + (channels === 3 ? c : 0)] ?? 0;
    image.data[pixel * 4 + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

function drawAttention(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  { height: rows, width: columns, energy, crucial }: AttentionMap,
): void {
  const { series } = readPalette();
  const [red, green, blue] = channelsOf(series.orange);
  const bytes = bytesOf(energy);
  const [cellWidth, cellHeight] = [width / columns, height / rows];
  bytes.forEach((strength, place) => {
    const [x, y] = [place % columns, Math.floor(place / columns)];
    context.fillStyle = `rgb(${red} ${green} ${blue} / ${((strength / 255) * STRONGEST).toFixed(3)})`;
    context.fillRect(x * cellWidth, y * cellHeight, cellWidth, cellHeight);
  });
  frame(context, new Set(crucial), columns, [cellWidth, cellHeight], series.blue);
}

/** The border between the region and all else. */
function frame(
  context: CanvasRenderingContext2D,
  region: ReadonlySet<number>,
  columns: number,
  [width, height]: readonly [number, number],
  color: string,
): void {
  context.beginPath();
  for (const place of region) {
    const [x, y] = [place % columns, Math.floor(place / columns)];
    const [left, top] = [x * width, y * height];
    const side = (isOpen: boolean, x1: number, y1: number, x2: number, y2: number) => {
      if (!isOpen) return;
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
    };
    side(x === 0 || !region.has(place - 1), left, top, left, top + height);
    side(x === columns - 1 || !region.has(place + 1), left + width, top, left + width, top + height);
    side(!region.has(place - columns), left, top, left + width, top);
    side(!region.has(place + columns), left, top + height, left + width, top + height);
  }
  context.strokeStyle = color;
  context.lineWidth = Math.max(2, devicePixelRatio * 2);
  context.stroke();
}
