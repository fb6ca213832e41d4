import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Diagnostic } from '../config/diagnostic.ts';

/** What is wrong with a document, and on which files that stands. */
export interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  /** Paths of the files that it extends. */
  readonly bases: readonly string[];
}

interface Known {
  readonly version: number;
  readonly checked: Checked;
}

/** What was found in open documents, each version checked once. */
export class Checks {
  private readonly known = new Map<string, Known>();

  /** @param isWhole whether the check that was just made lacked nothing that is on its way */
  constructor(
    private readonly check: (document: TextDocument) => Checked,
    private readonly isWhole: () => boolean = () => true,
  ) {}

  of(document: TextDocument): Checked {
    const known = this.known.get(document.uri);
    if (known?.version === document.version) return known.checked;
    const checked = this.check(document);
    if (this.isWhole()) this.known.set(document.uri, { version: document.version, checked });
    return checked;
  }

  /** Whether this very text was checked. */
  isKnown({ uri, version }: TextDocument): boolean {
    return this.known.get(uri)?.version === version;
  }

  /** Files on disk changed: what was found may not hold any more. */
  forget(uri: string): void {
    this.known.delete(uri);
  }
}
