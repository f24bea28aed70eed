export { makeFolder } from '../make-folder.ts';
export { type Batch, definePlugin, type Output, type OutputContext, type OutputPlugin, type Plugin } from './contract.ts';
