// The services that ADB hosts and servers ask for by text: `shell,v2:ls`, `sync:`, `forward:tcp:1;tcp:2`,
// `reverse:forward:…`, `host-serial:X:forward:…`. Called by the decoder for OPEN and for requests to an ADB server.

import { tagsField } from '../../record/index.ts';
import type { DecoderContext } from '../contract.ts';
import { textOf } from '../wire-text.ts';
import { adbFields } from './fields.ts';

/** Longest text of a service that is read. */
const serviceMost = 4096;

export type Contents = 'sync' | 'shell' | 'other';

/** Notes the service that `bytes[from, to)` asks for. @returns what its stream will carry */
export function noteService(context: DecoderContext, bytes: Buffer, from: number, to: number): Contents {
  const text = textOf(bytes, from, Math.min(to, from + serviceMost)).split('\0', 1)[0] as string;
  const [name = ''] = /^[^:,]*/.exec(text) ?? [];
  if (name !== '') context.note(adbFields.service, name.toLowerCase());
  // The last word before the ends tells the direction: `host:forward:`, `reverse:forward:` the other one.
  const [, local, remote] = /(?:^|:)forward:(?:norebind:)?([^;]{1,512});(.+)$/.exec(text) ?? [];
  if (local !== undefined && remote !== undefined) {
    context.note(adbFields.forwardDirection, name === 'reverse' ? 'reverse' : 'forward');
    context.note(adbFields.forwardLocal, local);
    context.note(adbFields.forwardRemote, remote);
  }
  if (name === 'sync') {
    context.note(tagsField, 'adb:sync');
    return 'sync';
  }
  if (name !== 'shell' || !/^shell(?:,[^:,]*)*,v2[,:]/.test(text)) return 'other';
  context.note(tagsField, 'adb:shell-v2');
  return 'shell';
}
