/**
 * What the language server offers, without any word of its protocol: plain data with zero-based lines and UTF-16
 * characters. The server only translates.
 */
import type { Range } from '../../protocol/errors.ts';
import type { FileAccess } from '../files.ts';

/** Where a text belongs. The text itself may be unsaved. */
export interface LanguageContext {
  /** Absolute path of the document; null for one that was never saved. */
  readonly file: string | null;
  /** Folders open in the editor. */
  readonly workspaceFolders?: readonly string[];
  /** Reads and lists other files; absent: the disk, with a cache by time and size. */
  readonly files?: FileAccess;
}

export type CompletionKind =
  'key' | 'value' | 'method' | 'model' | 'layer' | 'run' | 'file' | 'folder' | 'snippet';

export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  /** One line beside the label: type, shape or meaning. */
  readonly detail: string;
  /** Markdown. */
  readonly documentation: string;
  /** What is written in place of `range`; in snippet syntax (`$1`, `${1:text}`) where `snippet` is true. */
  readonly insertText: string;
  readonly snippet: boolean;
  readonly range: Range;
  /** Order among the others: required keys first. */
  readonly sortText: string;
}

export interface Hover {
  readonly range: Range;
  /** Markdown without HTML and without command links. */
  readonly markdown: string;
}

/** One entry of the outline. `range` holds the whole block, `selectionRange` its key. */
export interface ConfigSymbol {
  readonly name: string;
  readonly detail: string;
  readonly kind: 'block' | 'model' | 'term' | 'list' | 'value';
  readonly range: Range;
  readonly selectionRange: Range;
  readonly children: readonly ConfigSymbol[];
}

/** A place for code lenses: the document itself or one of its top-level or named parts. */
export interface Block {
  /** `document`, `models.teacher`, `distill.match`, ... */
  readonly path: string;
  /** The key, or the document's first line. */
  readonly range: Range;
}
