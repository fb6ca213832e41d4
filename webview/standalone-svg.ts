import { csvLine } from '../src/protocol/csv.ts';
import { svg } from './dom.ts';
import { SaveButtons, type Save } from './save.ts';
import { channelsOf, readPalette } from './theme.ts';

/** What a style sheet may say of a shape or a letter, by the names that attributes have too. */
const PROPERTIES = [
  ...['display', 'fill', 'fill-opacity', 'opacity', 'stroke', 'stroke-dasharray', 'stroke-linecap'],
  ...['stroke-linejoin', 'stroke-opacity', 'stroke-width', 'font-family', 'font-size', 'font-weight'],
] as const;
/** Of the page, and of no use outside of it. */
const OF_THE_PAGE = ['class', 'style', 'tabindex', 'role', 'aria-label', 'aria-hidden'] as const;

/** A drawing of the page as a file of its own: what the style sheet gives it is written into it, on the background of the editor. */
export function standaloneSvg(picture: SVGElement, title: string): string {
  const copy = picture.cloneNode(true) as SVGElement;
  const made = partsOf(copy);
  partsOf(picture).forEach((part, at) => {
    const [style, other] = [getComputedStyle(part), made[at]];
    for (const name of PROPERTIES) other?.setAttribute(name, plain(style.getPropertyValue(name)));
    for (const name of OF_THE_PAGE) other?.removeAttribute(name);
  });
  const [x = 0, y = 0, width = 0, height = 0] = (picture.getAttribute('viewBox') ?? '')
    .split(/[\s,]+/u)
    .map(Number);
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const name = svg('title', {});
  name.textContent = title;
  copy.prepend(
    name,
    svg('rect', { x, y, width, height, fill: plain(readPalette().background), stroke: 'none' }),
  );
  return `${new XMLSerializer().serializeToString(copy)}\n`;
}

/**
 * Buttons that save a drawing of the page as SVG, and what it is drawn from as CSV.
 *
 * @param rows the heads first
 */
export function drawingButtons(
  save: Save,
  title: string,
  picture: SVGElement,
  rows: readonly (readonly (string | number | undefined)[])[],
): HTMLElement {
  const saved = {
    name: title,
    svg: () => standaloneSvg(picture, title),
    csv: () => rows.map(csvLine).join(''),
  };
  return new SaveButtons(save, () => saved, ['svg', 'csv']).element;
}

function partsOf(root: SVGElement): readonly Element[] {
  return [root, ...root.querySelectorAll('*')];
}

/** Not every viewer of SVG knows what CSS calls colours by now. */
function plain(value: string): string {
  return /^(color|color-mix|oklab|oklch|lab|lch)\(/u.test(value)
    ? `rgb(${channelsOf(value).join(', ')})`
    : value;
}
