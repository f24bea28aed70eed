export type { PacketStore } from './packet-store.ts';
export { defaultSessionConfig, type SessionConfig, sessionConfig } from './session-config.ts';
export { sessionCounters } from './session-counters.ts';
export { SessionEngine, type SessionEngineOptions } from './session-engine.ts';
export type { SessionSink } from './session-sink.ts';
export { sessionAnomalies, tcpAnomalies } from './tcp-anomalies.ts';
