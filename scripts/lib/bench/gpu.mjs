import { spawnSync } from 'node:child_process';

const NAME = 'gpu';

/** Rows on an NVIDIA GPU, which need one at hand and an executor that can use it. */
export const TASKS = [
  {
    names: [NAME],
    async measure() {
      const { status, stdout } = spawnSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
        encoding: 'utf8',
      });
      const why =
        status === 0
          ? `${stdout.trim()} is here, but no executor of this version has been measured on a GPU`
          : 'no NVIDIA GPU on this machine';
      return { rows: [], notRun: [{ name: NAME, why }] };
    },
  },
];
