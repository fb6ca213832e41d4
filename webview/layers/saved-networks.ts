import type { LayerMeeting, LayerPairNames } from '../../src/protocol/records.ts';
import { csvLine } from '../../src/protocol/csv.ts';
import type { Lettering, Pen } from '../chart/pen.ts';
import { LETTER_WIDTH, PADDING, ROW, savedSheet, shortened, TITLE, type Sheet } from '../chart/sheet.ts';
import type { Saved } from '../save.ts';
import { strings } from '../strings.ts';
import { readPalette } from '../theme.ts';
import { shapeText } from './pair-list.ts';

/** Between the names of both networks. */
const BETWEEN = 160;
const SPACE = 8;

/** Both networks and the chosen pairs, in the formats in which they can be kept; as CSV every layer with its shape and its partners. */
export function savedNetworks(meeting: LayerMeeting, chosen: readonly LayerPairNames[]): Saved {
  return savedSheet(
    strings.networks,
    () => sheetOf(meeting, chosen),
    () => tableOf(meeting, chosen).map(csvLine).join(''),
  );
}

function tableOf({ teacher, student }: LayerMeeting, chosen: readonly LayerPairNames[]) {
  const partners = (own: 'teacher' | 'student', other: 'teacher' | 'student', name: string) =>
    chosen
      .filter((pair) => pair[own] === name)
      .map((pair) => pair[other])
      .join(' ');
  return [
    ['network', 'layer', 'shape', 'matched'],
    ...teacher.layers.map(({ name, shape }) => [
      ...['teacher', name, shape.join('x'), partners('teacher', 'student', name)],
    ]),
    ...student.layers.map(({ name, shape }) => [
      ...['student', name, shape.join('x'), partners('student', 'teacher', name)],
    ]),
  ];
}

function sheetOf({ teacher, student }: LayerMeeting, chosen: readonly LayerPairNames[]): Sheet {
  const { foreground, muted, background, series, fontSize, fontFamily } = readPalette();
  const letter = LETTER_WIDTH * fontSize;
  const sides = [
    { label: strings.teacherLayers, layers: teacher.layers },
    { label: strings.studentLayers, layers: student.layers },
  ].map(({ label, layers }) => ({
    label,
    layers: layers.map(({ name, shape }) => ({ name, text: `${shortened(name)}  ${shapeText(shape)}` })),
  }));
  const widthOf = (side: (typeof sides)[number] | undefined) =>
    letter *
    [side?.label ?? '', ...(side?.layers ?? []).map(({ text }) => text)].reduce(
      (most, text) => Math.max(most, text.length),
      0,
    );
  const [left, right] = sides;
  const from = PADDING + widthOf(left) + SPACE;
  const to = from + BETWEEN;
  const width = Math.ceil(to + SPACE + widthOf(right) + PADDING);
  const top = PADDING + TITLE + ROW;
  const length = ROW * Math.max(teacher.layers.length, student.layers.length);
  const height = top + length + PADDING;
  // The layers of a network share its height evenly, as on the page.
  const middle = (layers: readonly { readonly name: string }[], at: number) =>
    top + ((at + 0.5) / layers.length) * length;
  const place = (layers: readonly { readonly name: string }[], name: string) =>
    middle(
      layers,
      layers.findIndex((layer) => layer.name === name),
    );
  const letters: Lettering = { color: foreground, size: fontSize, family: fontFamily, align: 'start' };
  const draw = (pen: Pen) => {
    pen.box({ left: 0, top: 0, right: width, bottom: height }, background);
    pen.text(strings.networks, PADDING, PADDING + TITLE / 2, { ...letters, isBold: true });
    sides.forEach(({ label, layers }, side) => {
      const [x, align] = side === 0 ? ([from - SPACE, 'end'] as const) : ([to + SPACE, 'start'] as const);
      pen.text(label, x, top - ROW / 2, { ...letters, align, color: muted });
      layers.forEach(({ text }, at) => pen.text(text, x, middle(layers, at), { ...letters, align }));
    });
    for (const pair of chosen) {
      const path = Float32Array.of(
        ...[from, place(teacher.layers, pair.teacher)],
        ...[to, place(student.layers, pair.student)],
      );
      pen.line(path, { color: series.orange, width: 2, dash: [] });
    }
  };
  return { width, height, draw };
}
