import { functions } from './properties/functions.ts';

functions.declare();
