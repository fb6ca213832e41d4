import { loadExperiment } from '../load.ts';
import { fileOf } from './context.ts';
import type { LanguageContext } from './types.ts';

/** The config as it would run, with every default and expansion written out; null where there are errors. */
export function effectiveText(
  text: string,
  context: LanguageContext,
): { readonly text: string | null; readonly errors: number } {
  const { workspaceFolders = [], files } = context;
  const { effective, diagnostics } = loadExperiment({
    file: fileOf(context),
    text,
    workspaceFolders,
    ...(files === undefined ? {} : { files }),
  });
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return { text: errors === 0 ? effective : null, errors };
}
