import { parseArgs } from 'node:util';

/**
 * The options that a script was called with. One that it does not have ends the script, with the names of those that it has.
 *
 * @template {NonNullable<import('node:util').ParseArgsConfig['options']>} T
 * @param {string} script its name, as the message gives it
 * @param {T} options
 * @returns {ReturnType<typeof parseArgs<{ options: T }>>['values']}
 */
export function optionsOf(script, options) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const names = Object.entries(options).map(([name, { type }]) =>
      type === 'string' ? `--${name} VALUE` : `--${name}`,
    );
    console.error(`${script}: ${error.message.split('. ')[0]}; it takes ${names.join(', ')}`);
    process.exit(2);
  }
}
