import { runText } from '../../protocol/run-text.ts';
import type { RunEntry } from './run-entry.ts';

export interface Ending {
  readonly severity: 'information' | 'warning' | 'error';
  readonly message: string;
}

/** Characters of a failure that leave room for the next step: the editor shows no more than a few lines. */
const LONGEST_FAILURE = 300;

/** What the one notification at the end of a run says: the verdict, or why there is none and what to do. */
export function endingText({ record, status }: RunEntry): Ending {
  const text = runText(record, status);
  switch (status) {
    case 'completed':
      return { severity: 'information', message: `${record.name}: ${text}` };
    case 'failed': {
      const next = record.failure?.help ?? 'see its log';
      return { severity: 'error', message: `${record.name} ${short(text)}. Next: ${next}` };
    }
    case 'interrupted': {
      // What was seen of its end, where anybody saw it.
      const { failure } = record;
      const why = failure === undefined ? 'its process is gone' : short(failure.message);
      const next =
        failure === undefined ? 'Resume goes on from the last checkpoint.' : `Next: ${failure.help}`;
      return { severity: 'warning', message: `${record.name} was ${text}: ${why}. ${next}` };
    }
    default:
      return { severity: 'information', message: `${record.name}: ${text}. Resume goes on from there.` };
  }
}

function short(text: string): string {
  return text.length <= LONGEST_FAILURE ? text : `${text.slice(0, LONGEST_FAILURE - 1)}…`;
}
