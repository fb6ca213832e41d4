import tseslint from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';

/**
 * Which folder of `src` may import which. Dependencies point downwards only; what the editor and `kd check`
 * load (config, models, methods, schemes, runs, protocol) is free of tensors.
 */
const MAY_IMPORT = {
  protocol: [],
  statistics: ['protocol'],
  schema: [],
  random: [],
  models: ['schema', 'protocol', 'random'],
  methods: ['schema', 'models', 'protocol'],
  data: ['schema', 'protocol', 'random'],
  book: ['models', 'protocol'],
  schemes: ['schema', 'models', 'methods', 'book', 'data', 'protocol'],
  config: ['schema', 'models', 'methods', 'schemes', 'book', 'data', 'statistics', 'protocol'],
  runs: ['config', 'schema', 'schemes', 'protocol'],
  diagnosis: ['runs', 'protocol'],
  bookshelf: ['book', 'runs', 'protocol'],
  reports: ['statistics', 'runs', 'config', 'protocol'],
  compiler: ['protocol'],
  executors: ['compiler', 'protocol'],
  measures: ['compiler', 'executors', 'methods', 'models', 'data', 'schemes', 'config', 'protocol', 'random'],
  training: [
    'measures',
    'statistics',
    'compiler',
    'executors',
    'methods',
    'models',
    'data',
    'schemes',
    'book',
    'bookshelf',
    'config',
    'runs',
    'protocol',
    'random',
    'schema',
  ],
  engine: [
    'training',
    'measures',
    'statistics',
    'compiler',
    'executors',
    'methods',
    'models',
    'data',
    'schemes',
    'book',
    'bookshelf',
    'config',
    'runs',
    'protocol',
    'random',
    'schema',
  ],
  cli: [
    'config',
    'schema',
    'models',
    'methods',
    'schemes',
    'book',
    'bookshelf',
    'data',
    'diagnosis',
    'runs',
    'reports',
    'protocol',
  ],
  server: ['config', 'schema', 'models', 'methods', 'schemes', 'data', 'runs', 'protocol'],
  extension: ['config', 'schema', 'models', 'methods', 'schemes', 'diagnosis', 'runs', 'reports', 'protocol'],
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
const webviewZones = folders
  .filter((from) => from !== 'protocol')
  .map((from) => ({
    target: './webview',
    from: `./src/${from}`,
    message: 'The panel runs in a browser and may import only src/protocol.',
  }));

/** Packages with a place of their own; `types` may be imported anywhere. */
const PLACED_PACKAGES = {
  tensors: {
    packages: ['@tensorflow/*', 'onnxruntime-*'],
    types: true,
    places: ['src/compiler/**', 'src/executors/**', 'src/engine/**'],
    message:
      'Only src/compiler, src/executors and src/engine may load tensor libraries; elsewhere import types only.',
  },
  vscode: {
    packages: ['vscode', 'vscode-languageclient', 'vscode-languageclient/*'],
    types: false,
    places: ['src/extension/**'],
    message:
      'The editor is reached from src/extension alone; what can be decided without it lives elsewhere.',
  },
  toolkit: {
    packages: ['@vscode/webview-ui-toolkit', '@vscode/webview-ui-toolkit/*'],
    types: false,
    places: ['webview/toolkit.ts'],
    message: 'Controls come from webview/toolkit.ts, so that the toolkit can be replaced in one place.',
  },
  chart: {
    packages: ['chart.js', 'chart.js/*'],
    types: false,
    places: ['webview/chart/axes.ts'],
    message:
      'Charts get their frame from webview/chart/axes.ts, so that the library can be replaced in one place.',
  },
};

/** One block for everything, and one for each place where a package is at home. */
function placedPackages(base) {
  const rule = (home) => ({
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: Object.entries(PLACED_PACKAGES)
          .filter(([name]) => name !== home)
          .map(([, { packages, types, message }]) => ({ group: packages, allowTypeImports: types, message })),
      },
    ],
  });
  const homes = Object.entries(PLACED_PACKAGES).map(([name, { places }]) => ({
    files: places,
    rules: rule(name),
  }));
  return [{ files: base, rules: rule() }, ...homes];
}

export default tseslint.config(
  { ignores: ['dist', 'build', 'node_modules', 'coverage', 'test/output', '.kd'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { 'import-x': importX },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'import-x/no-restricted-paths': [
        'error',
        { basePath: import.meta.dirname, zones: [...zones, ...webviewZones] },
      ],
    },
  },
  ...placedPackages(['src/**', 'webview/**']),
  { files: ['**/*.mjs', '**/*.js'], ...tseslint.configs.disableTypeChecked },
);
