import { analyze, type Analysis } from '../analyze.ts';
import type { LanguageContext } from './types.ts';

/** Stands for the path of a text that was never saved. */
const UNTITLED = '/untitled.kd.yaml';

export function fileOf({ file }: LanguageContext): string {
  return file ?? UNTITLED;
}

/** Everything that can be known of a text where it stands in the editor. */
export function analysisOf(text: string, context: LanguageContext): Analysis {
  const { file, workspaceFolders = [], files, analyses } = context;
  const make = () =>
    analyze({ file: fileOf(context), text, workspaceFolders, ...(files === undefined ? {} : { files }) });
  return analyses === undefined ? make() : analyses.of(`${file ?? ''}\n${text}`, make);
}
