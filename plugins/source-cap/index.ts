// The program that captures with libpcap: a process of its own, started by a capture worker. It loads the npm package cap,
// which belongs to the main thread of its process (it uses the default event loop), gives up by `assert` when an interface
// fails, and so must not take the sensor with it. Sends packets as they come; knows no header of theirs.

import { Socket } from 'node:net';
import type { CaptureRequest } from '../../src/plugin/index.ts';
import { CapCapture } from './cap-capture.ts';
import { Channel } from './channel.ts';

/** Where the capture worker reads, which has given it as the third stream. */
const channelFd = 3;
/** Packets that the kernel has at the end still come out. */
const drainMs = 100;

const request = JSON.parse(process.argv[2] as string) as CaptureRequest;
const channel = new Channel(new Socket({ fd: channelFd }), request.bufferBytes);
const capture = new CapCapture(request, channel);

/** Everything that was said is on its way before the process ends. */
function end(): void {
  capture.close();
  channel.end(() => process.exit(0));
}

if (capture.open(end)) {
  // The sensor closes this stream when it is done, and the system does when the sensor is no more.
  process.stdin.resume();
  process.stdin.on('end', () => setTimeout(end, drainMs));
  // The terminal sends them to the whole group; the sensor decides when this ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const) process.on(signal, () => {});
} else {
  end();
}
