import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

/** The project's own rules, without those that need types: the files here do not exist. */
const eslint = new ESLint({ overrideConfig: [tseslint.configs.disableTypeChecked] });

/** Messages of the import rules for one line of code in a file of that name. */
async function complaints(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: file });
  return (result?.messages ?? [])
    .filter(({ ruleId }) => ruleId === null || ruleId.includes('restricted'))
    .map(({ message }) => message);
}

describe('the direction of imports', () => {
  it.each([
    ['src/server/a.ts', '../executors/executor.ts'],
    ['src/extension/a.ts', '../compiler/graph.ts'],
    ['src/cli/a.ts', '../compiler/graph.ts'],
    ['src/config/a.ts', '../runs/writer.ts'],
    ['src/protocol/a.ts', '../schema/field.ts'],
    ['src/statistics/a.ts', '../measures/gap.ts'],
    ['src/reports/a.ts', '../training/jobs.ts'],
    ['src/runs/a.ts', '../executors/executor.ts'],
    ['src/compiler/a.ts', '../methods/method.ts'],
    ['webview/a.ts', '../src/runs/writer.ts'],
  ])('%s may not import %s', async (file, from) => {
    expect(await complaints(file, `export * from '${from}';`)).toEqual([
      expect.stringMatching(/may import only/),
    ]);
  });

  it.each([
    ['src/engine/a.ts', '../executors/executor.ts'],
    ['src/server/a.ts', '../config/experiment.ts'],
    ['src/extension/a.ts', '../protocol/errors.ts'],
    ['webview/a.ts', '../src/protocol/errors.ts'],
  ])('%s may import %s', async (file, from) => {
    expect(await complaints(file, `export * from '${from}';`)).toEqual([]);
  });
});

describe('packages with a place of their own', () => {
  it.each([
    ['src/methods/response/a.ts', '@tensorflow/tfjs-core'],
    ['src/training/a.ts', '@tensorflow/tfjs-core'],
    ['src/server/a.ts', 'onnxruntime-node'],
    ['src/runs/a.ts', 'vscode'],
    ['src/config/a.ts', 'vscode-languageclient/node.js'],
    ['webview/a.ts', 'chart.js'],
    ['webview/a.ts', 'chart.js/auto'],
    ['webview/chart.ts', 'chart.js'],
    ['webview/a.ts', '@vscode/webview-ui-toolkit'],
    ['webview/chart/axes.ts', '@vscode/webview-ui-toolkit'],
    ['webview/toolkit.ts', 'chart.js'],
    ['src/extension/a.ts', '@tensorflow/tfjs-core'],
  ])('%s may not load %s', async (file, name) => {
    expect(await complaints(file, `import { a } from '${name}'; export const b = a;`)).toHaveLength(1);
  });

  it.each([
    ['src/compiler/a.ts', '@tensorflow/tfjs-core'],
    ['src/executors/onnx/a.ts', 'onnxruntime-node'],
    ['src/engine/a.ts', '@tensorflow/tfjs-backend-cpu'],
    ['src/extension/a.ts', 'vscode'],
    ['webview/chart/axes.ts', 'chart.js/auto'],
    ['webview/toolkit.ts', '@vscode/webview-ui-toolkit'],
    ['test/methods/a.test.ts', '@tensorflow/tfjs-core'],
  ])('%s may load %s', async (file, name) => {
    expect(await complaints(file, `import { a } from '${name}'; export const b = a;`)).toEqual([]);
  });

  it('lets methods name the types of tensors', async () => {
    const code = "import type { Tensor } from '@tensorflow/tfjs-core'; export type T = Tensor;";
    expect(await complaints('src/methods/response/a.ts', code)).toEqual([]);
  });
});
