import { createHash } from 'node:crypto';
import type { ModelGraph } from '../models/description.ts';
import { parameterSpecs } from '../models/parameters.ts';

/** What answers depend on, in the order in which differences are named: causes before what follows from them. */
export const FIELDS = {
  architecture: "the teacher's architecture",
  merge: 'how teachers are merged',
  layers: 'the layers that are stored',
  precision: 'the precision',
  topK: 'the number of classes kept',
  augment: 'the augmentation',
  strongAugment: 'the stronger augmentation',
  views: 'the number of views',
  viewSeed: 'the seed of the views',
  preprocessing: 'the preprocessing',
  splits: 'how the data is split',
  data: 'the content of the data',
  weights: "the teacher's weights",
} as const;

export type FingerprintField = keyof typeof FIELDS;

/** Everything that stored answers depend on, field by field, as text that can be compared and shown. */
export type Fingerprint = Readonly<Record<FingerprintField, string>>;

export interface Difference {
  readonly field: FingerprintField;
  readonly wanted: string;
  readonly stored: string;
}

/** What a list of layers or a stronger view says where there is none. */
export const NONE = 'none';

/**
 * Where a stored book is not what is wanted; empty where it serves. It may hold more than is wanted: further layers, further
 * views.
 * @param wanted fields that are not known yet are left out
 */
export function differences(wanted: Partial<Fingerprint>, stored: Fingerprint): readonly Difference[] {
  return (Object.keys(FIELDS) as FingerprintField[]).flatMap((field) => {
    const want = wanted[field];
    if (want === undefined || serves(field, want, stored[field])) return [];
    return [{ field, wanted: want, stored: stored[field] }];
  });
}

function serves(field: FingerprintField, wanted: string, stored: string): boolean {
  if (field === 'layers') {
    const held = new Set(layersOf(stored));
    return layersOf(wanted).every((layer) => held.has(layer));
  }
  if (field === 'views') return Number(stored) >= Number(wanted);
  return wanted === stored;
}

export function layersText(layers: readonly string[]): string {
  return layers.length === 0 ? NONE : [...new Set(layers)].sort().join(', ');
}

function layersOf(text: string): readonly string[] {
  return text === NONE ? [] : text.split(', ');
}

/** A difference in one sentence. */
export function differenceText({ field, wanted, stored }: Difference): string {
  return `it differs in ${FIELDS[field]} (the book: ${shown(stored)}; the experiment: ${shown(wanted)})`;
}

/** Hashes are told apart by their beginnings. */
function shown(value: string): string {
  return value.replace(/\b[0-9a-f]{64}\b/g, (hash) => hash.slice(0, SHOWN_DIGITS));
}

/** Twelve hex digits of a fingerprint: equal where every field is. */
export function fingerprintHash(fingerprint: Fingerprint): string {
  const ordered = (Object.keys(FIELDS) as FingerprintField[]).map((field) => [field, fingerprint[field]]);
  return sha256(JSON.stringify(ordered)).slice(0, SHOWN_DIGITS);
}

const SHOWN_DIGITS = 12;

/** `resnet20 (3f2a9c01d4e5)`: the name and a hash over every layer. */
export function architectureText(graphs: readonly ModelGraph[]): string {
  return graphs
    .map((graph) => {
      const { layers, input, logits } = graph;
      return `${graph.architecture} (${sha256(JSON.stringify({ layers, input, logits })).slice(0, SHOWN_DIGITS)})`;
    })
    .join(' + ');
}

/** Weights and statistics by name. */
export type Weights = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: Float32Array | Int32Array }>
>;

/** SHA-256 over names, shapes and bytes of a model's own tensors. */
export function weightsHash(graph: ModelGraph, weights: Weights): string {
  const hash = createHash('sha256');
  for (const { name } of parameterSpecs(graph)) {
    const tensor = weights[name];
    if (tensor === undefined) continue;
    const { shape, data } = tensor;
    hash.update(JSON.stringify([name, shape]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
