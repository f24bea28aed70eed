// Real handshakes: a TLS client and server of node:tls talk over a pair of streams in memory, and every chunk that
// crosses is written down as a step of a script.

import { once } from 'node:events';
import { Duplex, type DuplexOptions } from 'node:stream';
import tls from 'node:tls';
import type { Direction } from '../../../src/decoders/index.ts';
import type { Step } from '../decoder-kit.ts';
import { serverCertificate, serverKey } from './test-certificates.ts';

class RecordedEnd extends Duplex {
  other: RecordedEnd | undefined = undefined;
  readonly direction: Direction;
  readonly script: Step[];

  constructor(direction: Direction, script: Step[], options: DuplexOptions = {}) {
    super(options);
    this.direction = direction;
    this.script = script;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.script.push({ direction: this.direction, bytes: Buffer.from(chunk), timeUs: 1_000_000 + this.script.length * 1000 });
    const other = this.other;
    setImmediate(() => {
      other?.push(Buffer.from(chunk));
      done();
    });
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }
}

export interface Recording {
  readonly script: Step[];
  readonly cipher: string;
  readonly protocol: string;
  /** For a second handshake that resumes this one. */
  readonly session: Buffer | undefined;
  readonly reused: boolean;
}

/** One key for all, so that a later handshake can use a ticket of an earlier one. */
const ticketKeys = Buffer.alloc(48, 7);

/** Runs one handshake, a message each way, and the closing. */
export async function recordHandshake(client: tls.ConnectionOptions = {}, server: tls.TLSSocketOptions = {}): Promise<Recording> {
  const script: Step[] = [];
  const near = new RecordedEnd(0, script);
  const far = new RecordedEnd(1, script);
  near.other = far;
  far.other = near;
  const serverSide = new tls.TLSSocket(far, {
    isServer: true,
    key: serverKey,
    cert: serverCertificate,
    ticketKeys,
    ...server,
  } as tls.TLSSocketOptions);
  serverSide.on('error', () => {});
  serverSide.on('data', (data: Buffer) => serverSide.write(data));
  const clientSide = tls.connect({
    socket: near,
    servername: 'server.ringtap.test',
    rejectUnauthorized: false,
    ...client,
  });
  let session: Buffer | undefined;
  clientSide.on('session', (value: Buffer) => {
    session = value;
  });
  let failed = false;
  clientSide.on('error', () => {
    failed = true;
  });
  await Promise.race([once(clientSide, 'secureConnect'), once(clientSide, 'close')]).catch(() => {});
  let cipher = '';
  let protocol = '';
  if (!failed && !clientSide.destroyed) {
    cipher = clientSide.getCipher().standardName;
    protocol = clientSide.getProtocol() ?? '';
    clientSide.write('ping');
    await Promise.race([once(clientSide, 'data'), once(clientSide, 'close')]).catch(() => {});
  }
  const reused = !failed && clientSide.isSessionReused();
  clientSide.destroy();
  serverSide.destroy();
  return { script, cipher, protocol, session, reused };
}
