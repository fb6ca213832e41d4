import { convolutions } from './properties/convolutions.ts';

convolutions.declare();
