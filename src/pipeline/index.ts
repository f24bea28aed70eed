export { type Abort, maxEncodedBytes, OutputLink, type OverloadPolicy, outputLinkCounters } from './output-link.ts';
export { OutputRoom } from './output-room.ts';
export { PacketFiles, type PacketFilesOptions } from './packet-files.ts';
export { PacketLink, type PacketPolicy, packetLinkCounters } from './packet-link.ts';
export { PacketStream } from './packet-stream.ts';
export { type RecordCounters, recordCounters } from './record-counters.ts';
export { type OutputFormat, type RecordEncoder, RecordRouter, type RoutedOutput } from './record-router.ts';
export { type LogicalClock, RecordSink } from './record-sink.ts';
