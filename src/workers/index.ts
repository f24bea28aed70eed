export { sensorFacts } from './sensor-facts.ts';
export {
  type LoadedPlugin,
  type RingStatus,
  Supervisor,
  type SupervisorOptions,
  supervisorCounters,
  type ThreadStatus,
} from './supervisor.ts';
