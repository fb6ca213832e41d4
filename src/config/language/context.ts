import { analyze, type Analysis } from '../analyze.ts';
import type { LanguageContext } from './types.ts';

/** Stands for the path of a text that was never saved. */
const UNTITLED = '/untitled.kd.yaml';

/** Everything that can be known of a text where it stands in the editor. */
export function analysisOf(text: string, { file, ...around }: LanguageContext): Analysis {
  return analyze({ ...around, file: file ?? UNTITLED, text });
}
