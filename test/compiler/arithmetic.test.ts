import { arithmetic } from './properties/arithmetic.ts';

arithmetic.declare();
