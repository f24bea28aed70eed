export { type AdminState, counterTree, prometheusText } from './metrics.ts';
export { type AdminOptions, type AdminServer, startAdmin } from './server.ts';
