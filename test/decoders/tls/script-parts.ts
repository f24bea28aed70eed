// Pieces of scripts that the TLS tests share: hellos and small records as wire bytes, and the one record of a script.

import assert from 'node:assert/strict';
import { tlsDecoder } from '../../../src/decoders/tls/index.ts';
import { play, type Step } from '../decoder-kit.ts';
import { clientHello, extension, type HelloParts, message, record, serverHello, u16, vector16 } from './hello-bytes.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function only(script: readonly Step[], options: Parameters<typeof play>[2] = {}): Fields {
  const { records } = play(tlsDecoder, script, options);
  assert.equal(records.length, 1);
  assert.equal(records[0]?.type, 'tls');
  return (records[0] as { fields: Fields }).fields;
}

export const v12 = { maxVersion: 'TLSv1.2' } as const;
export const subject = 'CN=server.ringtap.test,OU=Sensors \\+ Probes,O=Ringtap Test\\, Inc.,L=Nürnberg,ST=Bayern,C=DE';

export function hello(parts: HelloParts = {}): Buffer {
  return record(22, message(1, clientHello(parts)), 0x0301);
}

export function answer(parts: HelloParts = {}): Buffer {
  return record(22, message(2, serverHello(parts)));
}

export const changeCipherSpec = record(20, Buffer.of(1));
export const finished = record(22, Buffer.alloc(40, 0xee));
export const tls13 = [extension(43, u16(0x0304)), extension(51, Buffer.concat([u16(29), vector16(Buffer.alloc(32))]))];
export const data = (length: number): Buffer => record(23, Buffer.alloc(length, 0xdd));
