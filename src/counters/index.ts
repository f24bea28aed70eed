export { type Accounting, accounting, type Drop, total } from './accounting.ts';
export { type CaptureCounter, captureCounterSet } from './capture-counters.ts';
export { type CounterBlock, type CounterSet, type CounterSpec, defineCounters, defineRunCounters } from './counter-set.ts';
export {
  type CounterHandle,
  type CounterLabels,
  CounterRegistry,
  type CounterSample,
  openCounterBlock,
  type RegistryOptions,
} from './registry.ts';
