export {
  addonBuildCommand,
  addonPath,
  type CaptureAddon,
  type CapturePathOptions,
  type FinishedFile,
  type InterfaceInfo,
  loadAddon,
  loadAddonFrom,
  type OpenFeedOptions,
  type OpenFilesOptions,
  type OpenInterfaceOptions,
  type OpenPushOptions,
  type Recognition,
  type RecordScribe,
  type SessionFollower,
  type SessionTable,
  type TcpTracker,
  type WaitingData,
} from './addon.ts';
export { affinity, checkFilter, currentCpuCount, interfaces, setAffinity } from './machine.ts';
export { FileFeed, openFeed, openFiles, openInterface, openPush, PushedSource, Source, type SourceWiring } from './source.ts';
