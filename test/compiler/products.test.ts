import { products } from './properties/products.ts';

products.declare();
