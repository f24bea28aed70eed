// Entry point of a packet worker thread.

import { runPacketThread } from './packet-worker.ts';

runPacketThread();
