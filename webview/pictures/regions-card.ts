import type { PanelContent } from '../../src/protocol/panel-content.ts';
import { coveredShare } from '../../src/protocol/picture-numbers.ts';
import type { Region, RegionsPicture } from '../../src/protocol/records.ts';
import type { Pen } from '../chart/pen.ts';
import { savedPictures } from '../chart/picture-table.ts';
import type { Area } from '../chart/projection.ts';
import { dataTable } from '../data-table.ts';
import { element, svg } from '../dom.ts';
import { countText, shareText } from '../format.ts';
import { SaveButtons, type Save, type Saved } from '../save.ts';
import { strings } from '../strings.ts';
import { faded, readPalette } from '../theme.ts';
import type { PictureCard } from './picture-card.ts';
import { regionsOver } from './pictures-data.ts';

/** Side of a drawn image in its own units. */
const SIDE = 100;

/** Where regions of a few images lie, epoch by epoch: pictures whose cells say the same in words. */
export class RegionsCard implements PictureCard {
  readonly element = element('section', { class: 'card' });
  readonly #save: Save;
  #known = '';

  constructor(save: Save) {
    this.#save = save;
  }

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
      ...sets.flatMap(({ term, layer }, index) => {
        const title = strings.regionsOf(term, layer);
        return [
          regionTable(pictures, index, title),
          new SaveButtons(this.#save, () => savedRegions(pictures, index, title)).element,
        ];
      }),
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

/** The same as files: every region with its corners as shares of the image. */
function savedRegions(pictures: readonly RegionsPicture[], set: number, title: string): Saved {
  const samples = pictures.at(-1)?.samples ?? [];
  const regionsAt = ({ sets }: RegionsPicture, image: number) => sets[set]?.images[image] ?? [];
  return savedPictures({
    title: `${strings.regions}, ${title}`,
    columns: pictures.map(({ epoch }) => `${strings.epoch} ${countText(epoch + 1)}`),
    rows: samples.map((sample, image) => ({
      name: strings.imageNumber(countText(sample + 1)),
      cells: pictures.map((one) => (pen, area) => drawRegions(pen, area, regionsAt(one, image))),
    })),
    table: () => [
      ['image', 'epoch', 'top', 'left', 'bottom', 'right', 'score'],
      ...samples.flatMap((sample, image) =>
        pictures.flatMap((one) =>
          regionsAt(one, image).map(({ box, score }) => [sample + 1, one.epoch + 1, ...box, score]),
        ),
      ),
    ],
  });
}

function drawRegions(pen: Pen, area: Area, regions: readonly Region[]): void {
  const { muted, series } = readPalette();
  const [width, height] = [area.right - area.left, area.bottom - area.top];
  const outline = ([top, left, bottom, right]: Region['box'], color: string, thickness: number) => {
    const [x1, x2] = [area.left + left * width, area.left + right * width];
    const [y1, y2] = [area.top + top * height, area.top + bottom * height];
    const path = Float32Array.of(x1, y1, x2, y1, x2, y2, x1, y2, x1, y1);
    pen.line(path, { color, width: thickness, dash: [] });
  };
  outline([0, 0, 1, 1], muted, 1);
  for (const { box, score } of regions) outline(box, faded(series.orange, opacityOf(score)), 2);
}

/** The surer the more solid. */
function opacityOf(score: number): number {
  return Math.min(1, Math.max(0.3, score));
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
      'stroke-opacity': opacityOf(score),
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
