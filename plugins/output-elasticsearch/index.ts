// Output plugin `elasticsearch`: records into Elasticsearch or OpenSearch, as ECS data streams or as an Arkime cluster has them.

import { definePlugin } from '../../src/plugin/index.ts';
import { SequenceNumbers } from './arkime-numbers.ts';
import { clusterOf } from './cluster.ts';
import { ElasticsearchOutput } from './elasticsearch-output.ts';
import { checkOptions, optionsSchema } from './options.ts';
import { setUp } from './setup.ts';

export default definePlugin({
  kind: 'output',
  name: 'elasticsearch',
  description: 'Records into Elasticsearch or OpenSearch, as ECS data streams or as an Arkime cluster has them.',
  config: optionsSchema,
  counters: {
    indexed_documents: 'Documents that the cluster has taken.',
    existing_documents: 'Documents that were there already, because an earlier request had come through.',
    refused_documents: 'Documents that the cluster refused for good; they are in the file of dead letters.',
    lost_documents: 'Documents that it refused for good when that file was full or could not be written.',
    retried_documents: 'Documents sent again because the cluster could not take them (429, 5xx).',
  },
  needsSensor: true,
  create: (context, config) => new ElasticsearchOutput(context, config),
  fileNumbers: (context, config, node) =>
    config.mode === 'arkime' ? new SequenceNumbers(clusterOf(config, context), config, node) : undefined,
  check: checkOptions,
  setup: setUp,
});
