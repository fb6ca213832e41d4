import type { LayerFact, LayerMeeting, LayerPairNames } from '../../src/protocol/records.ts';
import {
  LEFT,
  ROW,
  savedSheet,
  shortened,
  TOP,
  widthOf,
  type Layout,
  type Table,
} from '../chart/titled-sheet.ts';
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
    () => layoutOf(meeting, chosen),
    () => tableOf(meeting, chosen),
  );
}

function tableOf(meeting: LayerMeeting, chosen: readonly LayerPairNames[]): Table {
  const rowsOf = (own: 'teacher' | 'student', other: 'teacher' | 'student') =>
    meeting[own].layers.map(({ name, shape }) => {
      const partners = chosen.filter((pair) => pair[own] === name).map((pair) => pair[other]);
      return [own, name, shape.join('x'), partners.join(' ')];
    });
  return [
    ['network', 'layer', 'shape', 'matched'],
    ...rowsOf('teacher', 'student'),
    ...rowsOf('student', 'teacher'),
  ];
}

function layoutOf({ teacher, student }: LayerMeeting, chosen: readonly LayerPairNames[]): Layout {
  const { muted, series } = readPalette();
  const textsOf = ({ layers }: { readonly layers: readonly LayerFact[] }) =>
    layers.map(({ name, shape }) => `${shortened(name)}  ${shapeText(shape)}`);
  const [left, right] = [
    { label: strings.teacherLayers, texts: textsOf(teacher) },
    { label: strings.studentLayers, texts: textsOf(student) },
  ];
  const from = LEFT + widthOf([left.label, ...left.texts]) + SPACE;
  const to = from + BETWEEN;
  const top = TOP + ROW;
  const length = ROW * Math.max(left.texts.length, right.texts.length);
  // The layers of a network share its height evenly, as on the page.
  const middle = (at: number, count: number) => top + ((at + 0.5) / count) * length;
  const place = (layers: readonly LayerFact[], name: string) =>
    middle(
      layers.findIndex((layer) => layer.name === name),
      layers.length,
    );
  return {
    right: to + SPACE + widthOf([right.label, ...right.texts]),
    bottom: top + length,
    draw: (pen, letters) => {
      for (const { side, x, align } of [
        { side: left, x: from - SPACE, align: 'end' },
        { side: right, x: to + SPACE, align: 'start' },
      ] as const) {
        pen.text(side.label, x, top - ROW / 2, { ...letters, align, color: muted });
        side.texts.forEach((text, at) =>
          pen.text(text, x, middle(at, side.texts.length), { ...letters, align }),
        );
      }
      for (const pair of chosen) {
        const path = Float32Array.of(
          ...[from, place(teacher.layers, pair.teacher)],
          ...[to, place(student.layers, pair.student)],
        );
        pen.line(path, { color: series.orange, width: 2, dash: [] });
      }
    },
  };
}
