export {
  type LoadedPlugin,
  outputName,
  type RingStatus,
  Supervisor,
  type SupervisorOptions,
  sourceName,
  supervisorCounters,
  type ThreadStatus,
} from './supervisor.ts';
