export { type Abort, maxEncodedBytes, OutputLink, type OverloadPolicy, outputLinkCounters } from './output-link.ts';
export { RecordRouter, type RoutedOutput } from './record-router.ts';
