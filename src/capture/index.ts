export {
  addonBuildCommand,
  addonPath,
  type CaptureAddon,
  type CapturePathOptions,
  type InterfaceInfo,
  loadAddon,
  loadAddonFrom,
  type OpenFilesOptions,
  type OpenInterfaceOptions,
} from './addon.ts';
export { affinity, checkFilter, currentCpuCount, interfaces, setAffinity } from './machine.ts';
export { openFiles, openInterface, Source, type SourceWiring } from './source.ts';
