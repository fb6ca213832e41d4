import tseslint from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';

/**
 * Which folder of `src` may import which. Dependencies point downwards only; what the editor and `kd check`
 * load (config, models, methods, schemes, runs, protocol) is free of tensors.
 */
const MAY_IMPORT = {
  protocol: [],
  schema: [],
  random: [],
  models: ['schema', 'protocol', 'random'],
  methods: ['schema', 'models', 'protocol'],
  data: ['schema', 'protocol', 'random'],
  schemes: ['schema', 'models', 'methods', 'protocol'],
  config: ['schema', 'models', 'methods', 'schemes', 'data', 'protocol'],
  runs: ['config', 'schemes', 'protocol'],
  compiler: ['protocol'],
  executors: ['compiler', 'protocol'],
  measures: ['compiler', 'executors', 'methods', 'models', 'data', 'schemes', 'config', 'protocol', 'random'],
  training: [
    'measures', 'compiler', 'executors', 'methods', 'models', 'data', 'schemes', 'config', 'runs', 'protocol', 'random', 'schema',
  ],
  engine: [
    'training', 'measures', 'compiler', 'executors', 'methods', 'models', 'data', 'schemes', 'config', 'runs', 'protocol', 'random', 'schema',
  ],
  cli: ['config', 'schema', 'models', 'methods', 'schemes', 'data', 'runs', 'protocol'],
  server: ['config', 'schema', 'models', 'methods', 'schemes', 'data', 'runs', 'protocol'],
  extension: ['config', 'schema', 'models', 'methods', 'schemes', 'runs', 'protocol'],
};
const folders = Object.keys(MAY_IMPORT);
const zones = folders.flatMap((target) =>
  [...folders, '../webview']
    .filter((from) => from !== target && !MAY_IMPORT[target].includes(from))
    .map((from) => ({
      target: `./src/${target}`,
      from: `./src/${from}`,
      message: `src/${target} may import only: ${MAY_IMPORT[target].join(', ') || 'nothing of ours'}.`,
    })),
);

/** Packages that bring tensors; types may be imported anywhere, values only in the engine's folders. */
const TENSOR_PACKAGES = ['@tensorflow/*', 'onnxruntime-*'].map((group) => ({
  group: [group],
  allowTypeImports: true,
  message: 'Only src/compiler, src/executors and src/engine may load tensor libraries; elsewhere import types only.',
}));

export default tseslint.config(
  { ignores: ['dist', 'build', 'node_modules', 'coverage', 'test/output', '.kd'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js', 'scripts/*.mjs'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { 'import-x': importX },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'import-x/no-cycle': 'off',
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: TENSOR_PACKAGES }],
    },
  },
  {
    files: ['src/compiler/**', 'src/executors/**', 'src/engine/**', 'test/**'],
    rules: { '@typescript-eslint/no-restricted-imports': 'off' },
  },
  { files: ['**/*.mjs', '**/*.js'], ...tseslint.configs.disableTypeChecked },
);
