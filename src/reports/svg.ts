import { escapeMarkup } from '../protocol/markup.ts';

type Attributes = Readonly<Record<string, string | number>>;

/** An element of a drawing. Attribute values and text are escaped; children are markup already. */
export function tag(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeMarkup(typeof value === 'number' ? rounded(value) : value)}"`)
    .join('');
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`;
}

export function label(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return tag('text', { x, y, ...attributes }, escapeMarkup(text));
}

/** A drawing of its own, with what it shows in words. */
export function drawing(
  width: number,
  height: number,
  description: string,
  ...parts: readonly string[]
): string {
  return tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${rounded(width)} ${rounded(height)}`,
      role: 'img',
      'aria-label': description,
    },
    tag('title', {}, escapeMarkup(description)),
    ...parts,
  );
}

/** A tenth of a pixel is enough. */
function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A path through points; one that is not finite interrupts it. */
export function pathThrough(points: readonly (readonly [number, number])[]): string {
  let pen = 'M';
  let path = '';
  for (const [x, y] of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      pen = 'M';
      continue;
    }
    path += `${pen}${rounded(x)} ${rounded(y)}`;
    pen = 'L';
  }
  return path;
}
