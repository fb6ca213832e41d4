import { entry, type ProblemEntries } from './entry.ts';

/** The command `kd`. */
export const COMMAND_PROBLEMS: ProblemEntries = {
  KD7000: entry(
    'An error inside `kd`',
    'A defect of the product. Runs go on: their engines are processes of their own.',
    'Report the message; `KD_DEBUG=1` shows where it arose.',
  ),
  KD7001: entry(
    'There is no such file',
    'The path leads to no experiment file.',
    'Give the path of one; `kd new` writes a first one.',
  ),
  KD7002: entry(
    'The seeds are no list',
    '`--seeds` takes different whole numbers.',
    'Write for instance `--seeds 1,2,3`.',
  ),
  KD7003: entry('There is no such method', 'The catalogue has none of that name.', '`kd methods` lists it.'),
  KD7004: entry(
    'There is no such template',
    '`kd new` knows a few only.',
    'Use one of those that the message lists.',
  ),
  KD7005: entry(
    'A file is there already',
    '`kd new` overwrites nothing.',
    'Choose a folder without it, for instance an empty one.',
  ),
  KD7006: entry(
    'The engine was called wrongly',
    'It is started by the editor and by `kd`, not by hand.',
    'Use `kd run`.',
  ),
  KD7007: entry(
    'A run goes on as the experiment that it is',
    '`kd resume --set` may change the part `engine` alone.',
    'Start a new run for everything else.',
  ),
  KD7008: entry(
    'It is not said which model',
    'The run holds several trained models and none that is called student, or none yet.',
    'Name one with `--model`; `kd show RUN` lists them.',
  ),
  KD7010: entry(
    'There is no such runtime',
    '`kd install` knows the runtimes that the product can use, and no others.',
    'Use one of those that the message lists.',
  ),
  KD7011: entry(
    'Nobody can agree to an installation',
    'It downloads hundreds of megabytes, so it asks first; without a terminal there is nobody to ask.',
    'Give `--yes` to agree beforehand.',
  ),
  KD7014: entry(
    'The value of an option is no such number',
    'The message names the option and its range.',
    'Give a number within it; `--help` of the command lists its options.',
  ),
  KD7022: entry(
    'The metric is not measured by all runs',
    'A comparison takes a metric of the test split that every run has recorded.',
    'Choose one of those that the message lists.',
  ),
  KD7023: entry(
    'There is nothing to compare with',
    'It takes two runs, or one with a baseline, that have finished under one seed at least in common.',
    'Name another run, or run one again with the seeds of the other.',
  ),
  KD7024: entry(
    'The label cannot be written',
    'A tag is a short word, a note one short text.',
    'Write for instance `kd label RUN --tag good --note "higher temperature"`.',
  ),
};
