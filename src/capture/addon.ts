// Loads the native addon and turns its errors into `SensorError` with something to do about them. Called by source
// workers (`openFiles`), by `ringtap interfaces`, by every worker that is pinned, by packet workers, and by outputs.
// Loading happens once per thread.

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, errorCodes, SensorError } from '../errors.ts';
import type * as Addon from './generated/addon.d.ts';

export type {
  CapturePathOptions,
  FinishedFile,
  InterfaceInfo,
  OpenFeedOptions,
  OpenFilesOptions,
  OpenInterfaceOptions,
  OpenPushOptions,
} from './generated/addon.d.ts';

/** The addon's functions but the launcher's; what they throw is a `SensorError` with a hint. */
export type CaptureAddon = Omit<typeof Addon, 'CaptureSource' | 'filesAreAsNoted'>;
export type CaptureSource = Addon.CaptureSource;
export type SessionFollower = Addon.SessionFollower;
export type SessionTable = Addon.SessionTable;
export type TcpTracker = Addon.TcpTracker;
export type Recognition = Addon.Recognition;
export type RecordScribe = Addon.RecordScribe;
export type WaitingData = Addon.WaitingData;

/** The command that builds the addon, from the project's root. */
export const addonBuildCommand =
  'node_modules/.bin/napi build --platform --release --manifest-path crates/capture/Cargo.toml ' +
  '--config-path crates/capture/napi.json --output-dir dist/capture --no-js --dts addon.d.ts';

const platform = process.platform === 'linux' ? `linux-${process.arch}-gnu` : `${process.platform}-${process.arch}`;

/** Where the build puts the addon for this machine. */
export const addonPath: string = fileURLToPath(new URL(`../../dist/capture/ringtap-capture.${platform}.node`, import.meta.url));

let loaded: CaptureAddon | undefined;

/** The addon of this machine. Throws `RT_ADDON` with the build command when it is missing or cannot be loaded. */
export function loadAddon(): CaptureAddon {
  loaded ??= loadAddonFrom(addonPath);
  return loaded;
}

/** As `loadAddon`, from another place and without remembering it. */
export function loadAddonFrom(path: string): CaptureAddon {
  let native: typeof Addon;
  try {
    native = createRequire(import.meta.url)(path) as typeof Addon;
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND';
    const what = missing ? 'is not built' : `cannot be loaded: ${messageOf(cause)}`;
    throw new SensorError(errorCodes.addon, `the capture addon ${what} (${path})`, {
      cause,
      hint: `build it with: ${addonBuildCommand}`,
    });
  }
  return {
    openFiles: guarded(native.openFiles),
    openFeed: guarded(native.openFeed),
    openInterface: guarded(native.openInterface),
    openPush: guarded(native.openPush),
    checkFilter: guarded(native.checkFilter),
    setAffinity: guarded(native.setAffinity),
    affinity: guarded(native.affinity),
    interfaces: guarded(native.interfaces),
    writeBehind: native.writeBehind,
    listRecords: guarded(native.listRecords),
    copyRecords: guarded(native.copyRecords),
    SessionCloser: native.SessionCloser,
    SessionFollower: native.SessionFollower,
    SessionTable: native.SessionTable,
    TcpTracker: native.TcpTracker,
    Recognition: native.Recognition,
    RecordScribe: native.RecordScribe,
    arkimeCommunityId: native.arkimeCommunityId,
    // Once a packet, and they throw nothing.
    openInitial: native.openInitial,
    openFirstInitial: native.openFirstInitial,
  };
}

function guarded<Arguments extends unknown[], Result>(call: (...given: Arguments) => Result) {
  return (...given: Arguments): Result => {
    try {
      return call(...given);
    } catch (cause) {
      throw captureError(cause);
    }
  };
}

/** The `SensorError` for what the addon threw; anything without a known code is given back as it is. */
export function captureError(thrown: unknown): unknown {
  if (thrown instanceof SensorError || !(thrown instanceof Error) || !('code' in thrown)) return thrown;
  const code = thrown.code;
  if (!isErrorCode(code)) return thrown;
  const hint = hintFor(code);
  return new SensorError(code, thrown.message, hint === undefined ? { cause: thrown } : { cause: thrown, hint });
}

function hintFor(code: ErrorCode): string | undefined {
  switch (code) {
    case errorCodes.permission:
      return `sudo setcap cap_net_raw,cap_net_admin+eip ${process.execPath}`;
    case errorCodes.sourceOpen:
      return 'check that the name exists and that this user may read it';
    case errorCodes.sourceInterface:
      return 'ringtap interfaces shows what there is';
    default:
      return undefined;
  }
}

function isErrorCode(code: unknown): code is ErrorCode {
  return (Object.values(errorCodes) as unknown[]).includes(code);
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
