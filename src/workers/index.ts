export type { RingStatus } from './run-rings.ts';
export { sensorFacts } from './sensor-facts.ts';
export {
  type LoadedPlugin,
  Supervisor,
  type SupervisorOptions,
  supervisorCounters,
  type ThreadStatus,
} from './supervisor.ts';
