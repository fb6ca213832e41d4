import { loadExperiment } from '../load.ts';
import { fileOf, filesOf } from './context.ts';
import type { LanguageContext } from './types.ts';

/** The config as it would run, with every default and expansion written out; null where there are errors, or its data are not known. */
export function effectiveText(
  text: string,
  context: LanguageContext,
): { readonly text: string | null; readonly errors: number } {
  const { workspaceFolders = [] } = context;
  const files = filesOf(context);
  const { effective, diagnostics } = loadExperiment({
    file: fileOf(context),
    text,
    workspaceFolders,
    ...(files === undefined ? {} : { files }),
  });
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return { text: effective === '' ? null : effective, errors };
}
