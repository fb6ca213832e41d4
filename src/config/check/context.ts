import type { FileAccess } from '../files.ts';
import type { Report } from '../report.ts';
import type { ConfigNode } from '../syntax/node.ts';

/** What every check works with. */
export interface CheckContext {
  readonly tree: ConfigNode;
  readonly report: Report;
  readonly files: FileAccess;
  /** Absolute path of the config. */
  readonly file: string;
  /** Folder that nothing may leave. */
  readonly root: string;
  /** False: parts of the file could not be read, so what is missing may only be unread. */
  readonly complete: boolean;
}
