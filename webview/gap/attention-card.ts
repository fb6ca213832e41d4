import type {
  AttentionMap,
  AttentionRecord,
  GapAttention,
  GapReport,
} from '../../src/protocol/gap-report.ts';
import { savedPictures } from '../chart/picture-table.ts';
import { element, setText } from '../dom.ts';
import { countText, shareText } from '../format.ts';
import { SaveButtons, type Save, type Saved } from '../save.ts';
import { choice, slider } from '../toolkit.ts';
import { bytesOf } from './bytes.ts';
import { foldedTable } from './cell-table.ts';
import { pictureOf } from './picture.ts';
import { gapStrings as strings } from './strings.ts';

/** Where teacher and student look, over the epochs of the student. */
export class AttentionCard {
  readonly element: HTMLElement;
  readonly #layers = choice(strings.layers, (value) => this.#change(() => (this.#pair = Number(value))));
  readonly #epoch = slider(strings.epoch, (at) => this.#change(() => (this.#at = at)));
  readonly #overlap = element('p');
  readonly #pictures = element('ul', { class: 'looks' });
  readonly #controls = element('div', { class: 'toolbar' }, this.#layers.element, this.#epoch.element);
  readonly #table = element('div');
  readonly #none = element('p', {}, strings.attentionNone);
  readonly #files: HTMLElement;
  #pair = -1;
  #at = -1;
  #report: GapReport | null = null;
  #records: readonly AttentionRecord[] = [];
  #shown: Shown | null = null;

  constructor(save: Save) {
    this.#files = new SaveButtons(save, () => this.#saved()).element;
    this.element = element(
      'section',
      { class: 'card' },
      element('h3', {}, strings.attention),
      element('p', { class: 'note' }, strings.attentionHelp),
      this.#none,
      this.#controls,
      this.#overlap,
      element('p', { class: 'note' }, strings.overlapHow),
      this.#pictures,
      this.#files,
      this.#table,
    );
  }

  show(report: GapReport, records: readonly AttentionRecord[]): void {
    if (report !== this.#report) this.#at = -1;
    this.#report = report;
    this.#records = report.attention === null ? [] : records.filter((one) => fits(one, report.attention));
    this.#fill();
  }

  retheme(): void {
    this.#fill();
  }

  #change(change: () => void): void {
    change();
    this.#fill();
  }

  #fill(): void {
    const report = this.#report;
    const attention = report?.attention ?? null;
    this.#none.hidden = attention !== null;
    for (const part of [this.#controls, this.#overlap, this.#pictures, this.#files, this.#table])
      part.hidden = attention === null;
    if (report === null || attention === null) return;
    const last = attention.pairs.length - 1;
    const pair = this.#pair < 0 || this.#pair > last ? last : this.#pair;
    this.#layers.set(
      attention.pairs.map(({ teacher, student }, at) => ({
        value: String(at),
        label: strings.pairOf(teacher, student),
      })),
      String(pair),
    );
    // The weights that are kept stand behind the epochs.
    const kept = this.#records.length;
    const at = this.#at < 0 || this.#at > kept ? kept : this.#at;
    const record = this.#records[at];
    const when = record === undefined ? strings.keptWeights : strings.epochAt(countText(record.epoch + 1));
    this.#epoch.set(kept, at, when, when);
    const overlap = (record ?? attention).overlap[pair] ?? Number.NaN;
    setText(this.#overlap, strings.overlapNow(shareText(overlap)));
    const looks = attention.samples.map((sample, n) => ({
      ...sample,
      teacher: attention.teacher[pair]?.[n],
      student: (record ?? attention).student[pair]?.[n],
    }));
    const layers = attention.pairs[pair];
    const name = layers === undefined ? '' : strings.pairOf(layers.teacher, layers.student);
    this.#shown = { title: [strings.attention, name, when].join(', '), looks, report };
    this.#pictures.replaceChildren(...looks.map((look) => lookItem(look, report)));
    this.#table.replaceChildren(lookTable(looks, report));
  }

  #saved(): Saved | null {
    if (this.#shown === null) return null;
    const { title, looks, report } = this.#shown;
    const { classes, picture } = report;
    return savedPictures({
      title,
      columns: [strings.teacher, strings.studentValue],
      rows: looks.map(({ index, label, pixels, teacher, student }) => ({
        name: strings.ofSample(countText(index), classes[label] ?? ''),
        cells: [teacher, student].map(
          (map) => (pen, area) => pen.image(pictureOf(pixels, picture, '', map), area),
        ),
      })),
      table: () => placesOf(looks, classes),
    });
  }
}

/** What is in sight. */
interface Shown {
  readonly title: string;
  readonly looks: readonly Look[];
  readonly report: GapReport;
}

/** A record of the same layers and samples as the report. */
function fits({ pairs, samples }: AttentionRecord, attention: GapAttention | null): boolean {
  const of = (value: readonly unknown[]) => JSON.stringify(value);
  return (
    attention !== null &&
    of(pairs) === of(attention.pairs) &&
    of(samples) === of(attention.samples.map(({ index }) => index))
  );
}

interface Look {
  readonly index: number;
  readonly label: number;
  readonly pixels: string;
  readonly teacher: AttentionMap | undefined;
  readonly student: AttentionMap | undefined;
}

function lookItem(
  { index, label, pixels, teacher, student }: Look,
  { classes, picture }: GapReport,
): HTMLElement {
  const of = (who: string, map: AttentionMap | undefined) =>
    element(
      'figure',
      {},
      pictureOf(
        pixels,
        picture,
        map === undefined ? who : strings.looks(who, strongestPlace(map), shareText(crucialShare(map))),
        map,
      ),
      element('figcaption', { class: 'note' }, who),
    );
  return element(
    'li',
    {},
    element('p', { class: 'sample-title' }, strings.ofSample(countText(index), classes[label] ?? '')),
    element('div', { class: 'look' }, of(strings.teacher, teacher), of(strings.studentValue, student)),
  );
}

function lookTable(looks: readonly Look[], { classes }: GapReport): HTMLElement {
  const place = (map: AttentionMap | undefined) => (map === undefined ? '' : strongestPlace(map));
  return foldedTable(
    strings.lookTable,
    [
      strings.sample,
      strings.strongest(strings.teacher),
      strings.strongest(strings.studentValue),
      strings.overlap,
    ],
    looks.map(({ index, label, teacher, student }) => [
      strings.ofSample(countText(index), classes[label] ?? ''),
      place(teacher),
      place(student),
      overlapText(teacher, student),
    ]),
  );
}

/** Every place of every map: how strong it is, 0..1 of the strongest, and whether it is crucial. */
function placesOf(looks: readonly Look[], classes: readonly string[]) {
  const rows = looks.flatMap(({ index, label, teacher, student }) =>
    Object.entries({ teacher, student }).flatMap(([who, map]) => {
      if (map === undefined) return [];
      const crucial = new Set(map.crucial);
      return Array.from(bytesOf(map.energy), (strength, place) => [
        ...[index, classes[label], who, Math.floor(place / map.width), place % map.width],
        ...[strength / 255, Number(crucial.has(place))],
      ]);
    }),
  );
  return [['sample', 'class', 'network', 'row', 'column', 'strength', 'crucial'], ...rows];
}

/** In words where a map is strongest: `top left`. */
function strongestPlace({ energy, width, height }: AttentionMap): string {
  const bytes = bytesOf(energy);
  const place = bytes.reduce((best, value, at) => (value > (bytes[best] ?? 0) ? at : best), 0);
  const third = (at: number, length: number) => Math.min(2, Math.floor((at / Math.max(1, length)) * 3));
  const vertical = strings.places.vertical[third(Math.floor(place / width), height)] ?? '';
  const horizontal = strings.places.horizontal[third(place % width, width)] ?? '';
  return strings.place(vertical, horizontal);
}

function crucialShare({ crucial, height, width }: AttentionMap): number {
  return crucial.length / (height * width);
}

/** Of grids that differ only the engine can tell. */
function overlapText(teacher: AttentionMap | undefined, student: AttentionMap | undefined): string {
  if (teacher?.height !== student?.height || teacher?.width !== student?.width) return '';
  const own = new Set(student?.crucial);
  const common = (teacher?.crucial ?? []).filter((place) => own.has(place)).length;
  const all = own.size + (teacher?.crucial.length ?? 0) - common;
  return shareText(all === 0 ? 0 : common / all);
}
