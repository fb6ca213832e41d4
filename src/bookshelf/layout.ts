import { join } from 'node:path';

/** Folder of all books below the experiment's root. */
export const BOOKS_FOLDER = join('.kd', 'books');

/** Names in the folder of a book, beside its manifest. */
export const BOOK_FILES = {
  /** One line for each shard that is whole: its file, checksum, and how exactly it can be read. */
  shards: 'shards.jsonl',
  /** Rows, one file a shard. */
  rows: 'shards',
  /** One claim for each process that reads the book. */
  readers: 'readers',
  /** Touched whenever a run opens the book. */
  used: 'used',
} as const;
