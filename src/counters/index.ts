export { type CounterBlock, type CounterSet, type CounterSpec, defineCounters } from './counter-set.ts';
