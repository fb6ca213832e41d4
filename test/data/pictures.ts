import { crc32, deflateSync } from 'node:zlib';
import { encode as encodeJpeg } from 'jpeg-js';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export interface RawPng {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** 0 grey, 2 colour, 3 palette, 4 grey and alpha, 6 colour and alpha. */
  readonly colourType: number;
  /** Bytes of each row, packed as the depth says. */
  readonly rows: readonly (readonly number[])[];
  readonly palette?: readonly number[];
}

/** A PNG written by the letter of its specification, without filters. */
export function png(raw: RawPng): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(raw.width, 0);
  header.writeUInt32BE(raw.height, 4);
  header.set([raw.depth, raw.colourType, 0, 0, 0], 8);
  const body = deflateSync(Buffer.concat(raw.rows.map((row) => Buffer.from([0, ...row]))));
  const palette = raw.palette === undefined ? [] : [chunk('PLTE', Buffer.from(raw.palette))];
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    ...palette,
    chunk('IDAT', body),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A grey picture of 8 bits a pixel. */
export function greyPng(
  height: number,
  width: number,
  value: (row: number, column: number) => number,
): Buffer {
  const rows = Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_unused, x) => value(y, x)),
  );
  return png({ width, height, depth: 8, colourType: 0, rows });
}

/** A picture of one colour. */
export function plainJpeg(
  height: number,
  width: number,
  [red, green, blue]: [number, number, number],
): Buffer {
  const data = Buffer.alloc(height * width * 4);
  for (let i = 0; i < data.length; i += 4) data.set([red, green, blue, 255], i);
  return encodeJpeg({ height, width, data }, 95).data;
}

export function chunk(name: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const frame = Buffer.alloc(8 + named.length);
  frame.writeUInt32BE(body.length, 0);
  named.copy(frame, 4);
  frame.writeUInt32BE(crc32(named), 4 + named.length);
  return frame;
}
