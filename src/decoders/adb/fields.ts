// What ADB adds to its session's record.

import { collected } from '../session-field.ts';

export const adbFields = {
  version: collected('keyword', 'adb.version', 'Versions of CNXN, in hex.', { path: 'adb.version' }),
  serial: collected('keyword', 'adb.serial', 'Serial numbers of devices.', { path: 'adb.serial', kind: 'lotermfield' }),
  systemType: collected('keyword', 'adb.system_type', 'What connects: host, device, recovery, …', {
    path: 'adb.systemtype',
    kind: 'lotermfield',
  }),
  command: collected('keyword', 'adb.command', 'Commands of messages, lower case.', { path: 'adb.command', kind: 'lotermfield' }),
  service: collected('keyword', 'adb.service', 'Services asked for: shell, sync, forward, …', {
    path: 'adb.service',
    kind: 'lotermfield',
  }),
  maxPayload: collected('keyword', 'adb.max_payload', 'Most bytes of a payload, of CNXN.', { path: 'adb.maxpayload' }),
  authType: collected('keyword', 'adb.auth_type', 'Types of AUTH: token, signature, rsapublickey.', {
    path: 'adb.authtype',
    kind: 'lotermfield',
  }),
  streamId: collected(
    'keyword',
    'adb.stream_id',
    'Streams: the local identifier of OPEN; of other messages local and remote one.',
    { path: 'adb.streamid' },
  ),
  syncOperation: collected('keyword', 'adb.sync.operation', 'Requests and answers of file synchronisation.', {
    path: 'adb.sync.operation',
    kind: 'lotermfield',
  }),
  syncPath: collected('keyword', 'adb.sync.path', 'Paths of file synchronisation.', {
    path: 'adb.sync.path',
    kind: 'lotermfield',
  }),
  exitCode: collected('keyword', 'adb.shell.exit_code', 'Exit codes of commands.', { path: 'adb.shell.exitcode' }),
  forwardLocal: collected('keyword', 'adb.forward.local', 'Local ends of forwarded ports.', {
    path: 'adb.forward.local',
    kind: 'lotermfield',
  }),
  forwardRemote: collected('keyword', 'adb.forward.remote', 'Remote ends of forwarded ports.', {
    path: 'adb.forward.remote',
    kind: 'lotermfield',
  }),
  forwardDirection: collected('keyword', 'adb.forward.direction', 'forward or reverse.', {
    path: 'adb.forward.direction',
    kind: 'lotermfield',
  }),
} as const;
