import { runText } from '../../protocol/run-text.ts';
import type { RunEntry } from './run-entry.ts';

export interface Ending {
  readonly severity: 'information' | 'warning' | 'error';
  readonly message: string;
}

/** What the one notification at the end of a run says: the verdict, or why there is none and what to do. */
export function endingText({ record, status }: RunEntry): Ending {
  const text = runText(record, status);
  switch (status) {
    case 'completed':
      return { severity: 'information', message: `${record.name}: ${text}` };
    case 'failed': {
      const next = record.failure?.help ?? 'see its log';
      return { severity: 'error', message: `${record.name} ${text}. Next: ${next}` };
    }
    case 'interrupted':
      return {
        severity: 'warning',
        message: `${record.name} was ${text}: its process is gone. Resume goes on from the last checkpoint.`,
      };
    default:
      return { severity: 'information', message: `${record.name}: ${text}. Resume goes on from there.` };
  }
}
