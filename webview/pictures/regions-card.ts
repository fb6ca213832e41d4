import type { PanelContent } from '../../src/protocol/panel-content.ts';
import type { Region, RegionsPicture } from '../../src/protocol/records.ts';
import { dataTable } from '../data-table.ts';
import { element, svg } from '../dom.ts';
import { countText, shareText } from '../format.ts';
import { strings } from '../strings.ts';
import type { PictureCard } from './picture-card.ts';
import { coveredShare, regionsOver } from './pictures-data.ts';

/** Side of a drawn image in its own units. */
const SIDE = 100;

/** Where regions of a few images lie, epoch by epoch: pictures whose cells say the same in words. */
export class RegionsCard implements PictureCard {
  readonly element = element('section', { class: 'card' });
  #known = '';

  show(content: PanelContent, seed: number | null): boolean {
    const pictures = regionsOver(content.pictures, seed);
    const now = JSON.stringify(pictures);
    if (now !== this.#known) {
      this.#known = now;
      this.#fill(pictures);
    }
    return pictures.length > 0;
  }

  retheme(): void {
    // Colours are those of the style sheet.
  }

  #fill(pictures: readonly RegionsPicture[]): void {
    const sets = pictures.at(-1)?.sets ?? [];
    this.element.replaceChildren(
      element('h2', {}, strings.regions),
      element('p', { class: 'note' }, strings.regionsHelp),
      ...sets.map(({ term, layer }, index) => regionTable(pictures, index, strings.regionsOf(term, layer))),
    );
  }
}

function regionTable(pictures: readonly RegionsPicture[], set: number, title: string): HTMLElement {
  const samples = pictures.at(-1)?.samples ?? [];
  const epochs = pictures.map(({ epoch }) => `${strings.epoch} ${countText(epoch + 1)}`);
  const rows = samples.map((sample, image) => [
    strings.imageNumber(countText(sample + 1)),
    ...pictures.map(({ sets }) => {
      const regions = sets[set]?.images[image] ?? [];
      return element('td', {}, picture(regions), element('span', { class: 'note' }, words(regions)));
    }),
  ]);
  return dataTable(title, ['', ...epochs], rows, { class: 'region-table', title });
}

/** Boxes in a frame, the surer the more solid. What it shows stands below it in words. */
function picture(regions: readonly Region[]): SVGElement {
  const boxes = regions.map(({ box: [top, left, bottom, right], score }) =>
    svg('rect', {
      class: 'region',
      x: left * SIDE,
      y: top * SIDE,
      width: Math.max(0, right - left) * SIDE,
      height: Math.max(0, bottom - top) * SIDE,
      'stroke-opacity': Math.min(1, Math.max(0.3, score)),
    }),
  );
  const frame = svg('rect', { class: 'region-frame', x: 0, y: 0, width: SIDE, height: SIDE });
  return svg(
    'svg',
    { viewBox: `-2 -2 ${SIDE + 4} ${SIDE + 4}`, class: 'region-picture', 'aria-hidden': 'true' },
    frame,
    ...boxes,
  );
}

function words(regions: readonly Region[]): string {
  const hottest = regions.reduce<Region | null>(
    (best, one) => (best === null || one.score > best.score ? one : best),
    null,
  );
  if (hottest === null) return strings.dash;
  const [top, left, bottom, right] = hottest.box;
  return strings.regionWords(
    shareText(coveredShare(regions.map(({ box }) => box))),
    shareText((left + right) / 2),
    shareText((top + bottom) / 2),
  );
}
