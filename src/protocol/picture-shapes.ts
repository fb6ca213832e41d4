import type {
  GatesPicture,
  JsonNumber,
  PictureRecord,
  Region,
  RegionsPicture,
  TargetsPicture,
} from './records.ts';
import type { Shape } from './shape.ts';
import { count, finite, list, literal, Mismatch, object, text } from './shape.ts';

/** Pictures of a run that travel; of more the newest. */
export const MOST_PICTURES = 1_000;
const LONGEST_NAME = 500;
const MOST_IMAGES = 64;
const MOST_REGIONS = 256;
const MOST_ANSWERS = 64;
const MOST_LEVELS = 16;
const MOST_RECEIVERS = 2_000;
const MOST_EXPERTS = 256;
const MOST_CLASSES = 2_000;

const name = text(LONGEST_NAME);
const head = { phase: name, seed: finite, epoch: count };

const jsonNumber: Shape<JsonNumber> = (value, place) =>
  value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? value : finite(value, place);

const box: Shape<Region['box']> = (value, place) => {
  const [top, left, bottom, right] = list(finite, 4)(value, place);
  if (top === undefined || left === undefined || bottom === undefined || right === undefined)
    throw new Mismatch(place, 'four edges');
  return [top, left, bottom, right];
};

const regions = object<RegionsPicture>({
  ...head,
  kind: literal('regions'),
  samples: list(count, MOST_IMAGES),
  sets: list(
    object({
      term: name,
      refiner: name,
      layer: name,
      images: list(list(object<Region>({ box, score: finite }), MOST_REGIONS), MOST_IMAGES),
    }),
    MOST_LEVELS,
  ),
});

const gates = object<GatesPicture>({
  ...head,
  kind: literal('gates'),
  levels: list(
    object({
      layer: name,
      weights: list(list(finite, MOST_EXPERTS), MOST_RECEIVERS),
      entropy: finite,
      overlap: finite,
    }),
    MOST_LEVELS,
  ),
  conflicts: list(list(jsonNumber, MOST_EXPERTS), MOST_EXPERTS),
  classes: list(name, MOST_CLASSES),
});

const targets = object<TargetsPicture>({
  ...head,
  kind: literal('targets'),
  samples: list(count, MOST_IMAGES),
  labels: list(name, MOST_IMAGES),
  sets: list(
    object({
      term: name,
      refiners: list(name, MOST_LEVELS),
      temperature: finite,
      images: list(
        list(object({ class: name, before: jsonNumber, after: jsonNumber }), MOST_ANSWERS),
        MOST_IMAGES,
      ),
    }),
    MOST_LEVELS,
  ),
});

export const pictureRecord: Shape<PictureRecord> = (value, place) => {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  if (kind === 'regions') return regions(value, place);
  if (kind === 'gates') return gates(value, place);
  if (kind === 'targets') return targets(value, place);
  throw new Mismatch(`${place}.kind`, 'a known kind of picture');
};
