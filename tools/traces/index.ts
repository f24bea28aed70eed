export { Connection } from './connection.ts';
export { type Endpoint, Flag, ipv4, ipv4Text, resetIdentification, tcpFrame, udpFrame } from './frames.ts';
export { PcapFile, pcapBytes, type TimedFrame } from './pcap-file.ts';
export { Random } from './random.ts';
export { defaultSizes, type TraceName, traceNames, writeTrace } from './trace.ts';
export type { Truth } from './truth.ts';
