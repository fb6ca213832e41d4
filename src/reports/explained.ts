import { fromJsonNumber } from '../protocol/panel-content.ts';
import { meanOf } from '../protocol/mean.ts';
import { coveredShare, movedShare, uncertaintyRows } from '../protocol/picture-numbers.ts';
import { shareText, valueText } from '../protocol/number-text.ts';
import type { MetricsRecord, PictureRecord } from '../protocol/records.ts';
import type { Say } from '../protocol/say.ts';
import { tableBlock, type Block, type Section } from './document.ts';
import type { RunFacts } from './run-facts.ts';

/** A number by which a system explains itself, at the first and at the last epoch that recorded it. */
export interface ExplainedRow {
  readonly phase: string;
  readonly seed: number;
  readonly what: string;
  readonly first: string;
  readonly last: string;
}

interface Told {
  readonly what: string;
  readonly value: number;
  readonly text: (value: number) => string;
}

/**
 * Of each phase and seed, in the order in which a run recorded them; empty where no system of it explains itself.
 *
 * @param metrics of the run, in pieces, for what changes without a picture: widths and weights; left out where they may be too many
 */
export function explainedRows(
  pictures: readonly PictureRecord[],
  say: Say,
  metrics: Iterable<readonly MetricsRecord[]> = [],
): readonly ExplainedRow[] {
  const rows = new Map<string, ExplainedRow>();
  const add = (phase: string, seed: number, { what, value, text }: Told) => {
    const key = JSON.stringify([phase, seed, what]);
    const told = text(value);
    rows.set(key, { phase, seed, what, first: rows.get(key)?.first ?? told, last: told });
  };
  for (const picture of pictures)
    for (const number of ofPicture(picture, say)) add(picture.phase, picture.seed, number);
  for (const block of metrics)
    for (const { phase, seed, values } of block)
      for (const [name, value] of Object.entries(values)) {
        const number = ofMetric(name, fromJsonNumber(value), say);
        if (number !== null) add(phase, seed, number);
      }
  return [...rows.values()];
}

/** What a report tells of that, and of what models know that they do not know. Null where there is nothing of it. */
export function explainedSection({ run, results: { phases } }: RunFacts, say: Say): Section | null {
  const rows = explainedRows(run.pictures(), say, run.metricsInBlocks());
  const uncertain = uncertaintyRows(phases, null);
  const blocks: Block[] = [];
  if (rows.length > 0)
    blocks.push(
      tableBlock({
        title: say`First and last epoch`,
        head: [say`phase`, say`seed`, say`of what`, say`first`, say`last`],
        rows: rows.map(({ phase, seed, what, first, last }) => [phase, String(seed), what, first, last]),
        numbers: [1, 3, 4],
      }),
    );
  if (uncertain.length > 0)
    blocks.push(
      tableBlock({
        title: say`Uncertainty on the test images, mean over the seeds`,
        head: [
          ...[say`phase`, say`images`, say`accuracy`, say`coverage`, say`calibration error`],
          ...[say`aleatoric (nats)`, say`epistemic (nats)`],
        ],
        rows: uncertain.map((one) => [
          ...[one.phase, one.shifted ? say`shifted` : say`as they are`],
          ...[shareText(one.accuracy), shareText(one.coverage), valueText(one.calibrationError)],
          ...[valueText(one.aleatoric), valueText(one.epistemic)],
        ]),
        numbers: [2, 3, 4, 5, 6],
      }),
    );
  return blocks.length === 0 ? null : { title: say`What the systems show`, blocks };
}

/** @param name of a record: `width/<layer>`, `weight/<part>` */
function ofMetric(name: string, value: number, say: Say): Told | null {
  const [group, ...rest] = name.split('/');
  const of = rest.join('/');
  if (group === 'width') return { what: say`neurons of ${of}`, value, text: String };
  return group === 'weight' ? { what: say`weight of ${of} in the loss`, value, text: valueText } : null;
}

function ofPicture(picture: PictureRecord, say: Say): readonly Told[] {
  switch (picture.kind) {
    case 'gates': {
      const pairs = picture.conflicts.flatMap((row, a) => row.slice(a + 1)).map(fromJsonNumber);
      const against = pairs.filter((cosine) => cosine < 0).length / pairs.length;
      return [
        ...picture.levels.flatMap(({ layer, entropy, overlap }): Told[] => [
          { what: say`entropy of the gates of ${layer}, nats`, value: entropy, text: valueText },
          { what: say`overlap of the gates of ${layer}`, value: overlap, text: shareText },
        ]),
        ...(pairs.length === 0
          ? []
          : [{ what: say`pairs of classes in conflict`, value: against, text: shareText }]),
      ];
    }
    case 'regions':
      return picture.sets.map(({ term, layer, images }) => ({
        what: say`regions of ${term} at ${layer}, share of the image`,
        value: meanOf(images.map((regions) => coveredShare(regions.map(({ box }) => box)))),
        text: shareText,
      }));
    case 'targets':
      return picture.sets.map(({ term, refiners, images }) => ({
        what: say`probability that ${refiners.join(', ')} moves before ${term}`,
        value: movedShare(images),
        text: shareText,
      }));
  }
}
