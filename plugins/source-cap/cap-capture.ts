// libpcap by the npm package cap, in the process that captures. The package tells no times, no lengths on the wire and no
// losses: a packet has the time at which it came out of libpcap, and at most 65,535 bytes.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { CaptureRequest } from '../../src/plugin/index.ts';
import type { Channel } from './channel.ts';
import { WallClock } from './wall-clock.ts';

/** What is used of the package (https://github.com/mscdex/cap). */
interface Cap {
  /** Gives the name of the link type. Always promiscuous, with a snap length of 65,535. */
  open(device: string, filter: string, bufferBytes: number, buffer: Buffer): string;
  close(): boolean;
  on(event: 'packet', listener: (captured: number, cut: boolean) => void): void;
}

const maxPacketBytes = 65535;
const checkEveryMs = 1000;

/** LINKTYPE_ values of the package's names; others it calls `Unknown linktype N`. */
const linkTypes: Readonly<Record<string, number>> = {
  NULL: 0,
  ETHERNET: 1,
  RAW: 101,
  LINKTYPE_LINUX_SLL: 113,
  IEEE802_11_RADIO: 127,
};

/** The number of a link type by the name that the package gives it. */
export function linkTypeOf(name: string): number | undefined {
  const number = linkTypes[name] ?? Number(/^Unknown linktype (\d+)$/.exec(name)?.[1]);
  return Number.isInteger(number) && number <= 0xffff ? number : undefined;
}

export class CapCapture {
  readonly #request: CaptureRequest;
  readonly #channel: Channel;
  readonly #clock = new WallClock();
  #cap: Cap | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(request: CaptureRequest, channel: Channel) {
    this.#request = request;
    this.#channel = channel;
  }

  /** Begins to capture; false when that is not possible, which it has told then. `gone` is called when the interface goes. */
  open(gone: () => void): boolean {
    const { interface: device, filter, bufferBytes, snapLength } = this.#request;
    const cap = this.#load();
    if (cap === undefined) return false;
    const buffer = Buffer.alloc(maxPacketBytes);
    let linkName: string;
    try {
      linkName = cap.open(device, filter, bufferBytes, buffer);
    } catch (error) {
      const { message } = error as Error;
      const reason = /permission|not permitted|not permit/i.test(message) ? 'permission' : 'open';
      this.#channel.message({ type: 'failed', reason, message });
      return false;
    }
    this.#cap = cap;
    const linkType = linkTypeOf(linkName);
    if (linkType === undefined) {
      this.#channel.message({ type: 'failed', reason: 'open', message: `frames of an unknown link type: ${linkName}` });
      return false;
    }
    cap.on('packet', (captured) => {
      this.#channel.packet(buffer, Math.min(captured, snapLength), captured, this.#clock.nowUs());
    });
    const index = interfaceIndex(device);
    this.#timer = setInterval(() => {
      this.#channel.tellDropped();
      if (interfaceIndex(device) === index) return;
      this.#channel.message({ type: 'gone' });
      gone();
    }, checkEveryMs);
    this.#channel.message({ type: 'ready', linkType });
    return true;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#cap?.close();
    this.#cap = undefined;
  }

  #load(): Cap | undefined {
    try {
      const { Cap } = createRequire(import.meta.url)('cap') as { Cap: new () => Cap };
      return new Cap();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const reason = code === 'MODULE_NOT_FOUND' ? 'missing' : 'load';
      this.#channel.message({ type: 'failed', reason, message: message.split('\n')[0] as string });
      return undefined;
    }
  }
}

/** The kernel's number of an interface: another one when it was made anew. '' where the system does not tell, or without it. */
function interfaceIndex(name: string): string {
  if (process.platform !== 'linux' || !/^[^/]+$/.test(name)) return '';
  try {
    return readFileSync(`/sys/class/net/${name}/ifindex`, 'latin1');
  } catch {
    return '';
  }
}
