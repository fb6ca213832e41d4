import { SILENT_AFTER_SECONDS, type FileAccess } from '../files.ts';
import type { Report } from '../report.ts';
import type { Place } from '../syntax/node.ts';

/**
 * True where not all is known that was asked about a path, so that nothing can be said of it. Where it will not be known soon
 * a diagnostic says why.
 *
 * @param what in the words of the config
 */
export function isUnanswered(
  path: string,
  what: string,
  place: Place,
  { files, report }: { readonly files: FileAccess; readonly report: Report },
): boolean {
  const silence = files.silence(path);
  if (silence === 'silent') {
    report.add('KD3018', place, {
      message: `not checked: ${what} did not answer in ${SILENT_AFTER_SECONDS} s`,
      help: 'The disk or the network folder that it lies on hangs. It is checked as soon as there is an answer.',
    });
  }
  if (silence === 'nowhere') {
    report.add('KD3018', place, {
      message: `not checked: a text that was never saved has no folder in which to look for ${what}`,
      help: 'Save it beside its data.',
    });
  }
  return silence !== null;
}
