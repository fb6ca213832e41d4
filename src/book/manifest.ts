import { FIELDS, type Fingerprint } from './fingerprint.ts';
import { planBook, type BookPlan } from './plan.ts';
import type { AnswerTensor } from './row.ts';
import type { BookSettings } from './settings.ts';

/** `book.json`: what a book holds and what it stands on. Written before the first answer, never changed. */
export interface BookManifest {
  readonly formatVersion: 1;
  readonly name: string;
  /** Models of the config that answered. */
  readonly teachers: readonly string[];
  readonly fingerprint: Fingerprint;
  readonly tensors: readonly AnswerTensor[];
  readonly settings: Pick<BookSettings, 'precision' | 'topK'>;
  readonly samples: { readonly train: number; readonly validation: number };
  readonly views: { readonly plain: number; readonly strong: number };
  /** ISO time. */
  readonly createdAt: string;
}

export const MANIFEST_FILE = 'book.json';
export const LARGEST_MANIFEST_BYTES = 4_000_000;
/** A book's name is the name of its folder. */
export const BOOK_NAME = /^[A-Za-z0-9][\w.-]{0,99}$/;

export function planOf({ tensors, settings, samples, views }: BookManifest): BookPlan {
  return planBook(tensors, settings, samples, views);
}

/** What a manifest says; null where the text is none of this version. */
export function parseManifest(text: string): BookManifest | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isManifest(value) ? value : null;
}

function isManifest(value: unknown): value is BookManifest {
  if (!isRecord(value) || value['formatVersion'] !== 1) return false;
  const { name, teachers, fingerprint, tensors, settings, samples, views, createdAt } = value;
  return (
    typeof name === 'string' &&
    BOOK_NAME.test(name) &&
    typeof createdAt === 'string' &&
    isListOf(teachers, (one) => typeof one === 'string') &&
    isRecord(fingerprint) &&
    Object.keys(FIELDS).every((field) => typeof fingerprint[field] === 'string') &&
    isListOf(tensors, isTensor) &&
    isSettings(settings) &&
    isRecord(samples) &&
    isCount(samples['train']) &&
    isCount(samples['validation']) &&
    isRecord(views) &&
    isCount(views['plain']) &&
    isCount(views['strong'])
  );
}

function isTensor(value: unknown): boolean {
  return isRecord(value) && typeof value['name'] === 'string' && isListOf(value['shape'], isCount);
}

function isSettings(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { precision, topK } = value;
  return (precision === 'float32' || precision === 'float16') && (topK === null || isCount(topK));
}

function isListOf(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
