export type { PacketStore } from './packet-store.ts';
export { arkimeSessionDefaults, defaultSessionConfig, type SessionConfig, sessionConfig } from './session-config.ts';
export { sessionCounters } from './session-counters.ts';
export { SessionEngine, type SessionEngineOptions } from './session-engine.ts';
export type { SessionObserver } from './session-observer.ts';
export type { SessionSink } from './session-sink.ts';
export { SessionTracker, type SessionTrackerOptions } from './session-tracker.ts';
export { sessionAnomalies, tcpAnomalies } from './tcp-anomalies.ts';
