import { gathers } from './properties/gathers.ts';

gathers.declare();
