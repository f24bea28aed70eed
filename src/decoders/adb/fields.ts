// What ADB adds to its session's record, what can be wrong, and `[decoder.adb]`.

import { type Static, Type } from 'typebox';
import { defineAnomalies, type SessionField } from '../../record/index.ts';
import { collected } from '../collected-field.ts';

function field(name: string, path: string, meaning: string, isLower = true): SessionField {
  return collected('keyword', name, meaning, { path, kind: isLower ? 'lotermfield' : 'termfield' });
}

export const adbFields = {
  version: field('adb.version', 'adb.version', 'Versions of CNXN, in hex.', false),
  serial: field('adb.serial', 'adb.serial', 'Serial numbers of devices.'),
  systemType: field('adb.system_type', 'adb.systemtype', 'What connects: host, device, recovery, …'),
  command: field('adb.command', 'adb.command', 'Commands of messages, lower case.'),
  service: field('adb.service', 'adb.service', 'Services asked for: shell, sync, forward, …'),
  maxPayload: field('adb.max_payload', 'adb.maxpayload', 'Most bytes of a payload, of CNXN.', false),
  authType: field('adb.auth_type', 'adb.authtype', 'Types of AUTH: token, signature, rsapublickey.'),
  streamId: field(
    'adb.stream_id',
    'adb.streamid',
    'Streams: the local identifier of OPEN; of other messages local and remote one.',
    false,
  ),
  syncOperation: field('adb.sync.operation', 'adb.sync.operation', 'Requests and answers of file synchronisation.'),
  syncPath: field('adb.sync.path', 'adb.sync.path', 'Paths of file synchronisation.'),
  exitCode: field('adb.shell.exit_code', 'adb.shell.exitcode', 'Exit codes of commands.', false),
  forwardLocal: field('adb.forward.local', 'adb.forward.local', 'Local ends of forwarded ports.'),
  forwardRemote: field('adb.forward.remote', 'adb.forward.remote', 'Remote ends of forwarded ports.'),
  forwardDirection: field('adb.forward.direction', 'adb.forward.direction', 'forward or reverse.'),
} as const;

export const anomalies = defineAnomalies('adb', {
  too_many_streams: 'More streams are open than max_streams; the contents of further ones are not read.',
});

export const adbOptions = Type.Object({
  max_message_bytes: Type.Integer({
    description: 'Most bytes of a message that are read.',
    default: 262_168,
    minimum: 256,
    maximum: 1_048_600,
  }),
  max_streams: Type.Integer({
    description: 'Most open streams of a session whose contents are read.',
    default: 64,
    minimum: 1,
    maximum: 10_000,
  }),
});

export type AdbOptions = Static<typeof adbOptions>;
