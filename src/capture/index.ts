export {
  addonBuildCommand,
  addonPath,
  type CaptureAddon,
  type CapturePathOptions,
  type InterfaceInfo,
  loadAddon,
  loadAddonFrom,
  type OpenFilesOptions,
} from './addon.ts';
export { affinity, checkFilter, currentCpuCount, interfaces, setAffinity } from './machine.ts';
export { openFiles, Source, type SourceWiring } from './source.ts';
