import { reductions } from './properties/reductions.ts';

reductions.declare();
