export { PacketView } from './packet-view.ts';
