import { join } from 'node:path';
import { analyze, type Analysis } from '../analyze.ts';
import { NO_FILES, type FileAccess } from '../files.ts';
import type { LanguageContext } from './types.ts';

/** Name of a text that was never saved. */
const UNTITLED = 'untitled.kd.yaml';

/** The path of a text; one that was never saved stands in the first folder of the workspace. */
export function fileOf({ file, workspaceFolders = [] }: LanguageContext): string {
  return file ?? join(workspaceFolders[0] ?? '/', UNTITLED);
}

/** What a text is looked at through; undefined: the disk. */
export function filesOf({ file, workspaceFolders = [], files }: LanguageContext): FileAccess | undefined {
  return file === null && workspaceFolders.length === 0 ? NO_FILES : files;
}

/** Everything that can be known of a text where it stands in the editor. */
export function analysisOf(text: string, context: LanguageContext): Analysis {
  const { workspaceFolders = [], analyses } = context;
  const [file, files] = [fileOf(context), filesOf(context)];
  const make = () => analyze({ file, text, workspaceFolders, ...(files === undefined ? {} : { files }) });
  return analyses === undefined ? make() : analyses.of(`${file}\n${text}`, make);
}
