// `ringtap setup elasticsearch`: makes the index template and the lifecycle policy of mode `ecs`; in mode `arkime` looks whether
// Arkime's indices are there and adds the field definitions. Main thread.

import { errorCodes, SensorError } from '../../src/errors.ts';
import type { OutputContext } from '../../src/plugin/index.ts';
import { ArkimeMode } from './arkime-mode.ts';
import { BulkSender } from './bulk-sender.ts';
import { type Cluster, type ClusterRequest, clusterOf, requestError } from './cluster.ts';
import { dataStreamPattern, ecsTemplate, lifecyclePolicy, statePolicy } from './ecs-template.ts';
import type { Options } from './options.ts';

type Step = ClusterRequest & { readonly method: 'PUT'; readonly body: object };

export async function setUp(context: OutputContext, options: Options, dryRun: boolean): Promise<readonly string[]> {
  if (dryRun) return options.mode === 'arkime' ? arkimeAdvice(options) : steps(context, options, true).map(stepText);
  const cluster = clusterOf(options, context);
  try {
    return options.mode === 'arkime' ? await setUpArkime(cluster, context, options) : await setUpEcs(cluster, context, options);
  } finally {
    await cluster.close();
  }
}

async function setUpEcs(cluster: Cluster, context: OutputContext, options: Options): Promise<string[]> {
  const done: string[] = [];
  const policy = steps(context, options, true)[0] as Step;
  const seen = await cluster.request({ method: 'GET', path: policy.path });
  if (seen.status === 0) throw requestError(options.nodes.join(', '), seen);
  let withPolicy = true;
  if (seen.status === 200) done.push(`policy ${options.template} is there already and stays as it is`);
  else {
    const { status, reason } = await cluster.request(policy);
    withPolicy = status < 300;
    done.push(
      withPolicy ? `policy ${options.template} made` : `this cluster takes no lifecycle policy (${reason}); indices are kept`,
    );
  }
  for (const step of steps(context, options, withPolicy).slice(1)) {
    const reply = await cluster.request(step);
    if (reply.status >= 300 || reply.status === 0) throw requestError(step.path, reply);
    done.push(`index template ${options.template} made, for ${dataStreamPattern(options)}`);
  }
  return done;
}

/** Policy, then template. */
function steps({ sensor }: OutputContext, options: Options, withPolicy: boolean): Step[] {
  const isElastic = options.engine === 'elasticsearch';
  const template = ecsTemplate(sensor?.fields ?? [], options, isElastic && withPolicy ? options.template : '');
  const policy: Step = isElastic
    ? { method: 'PUT', path: `/_ilm/policy/${options.template}`, body: lifecyclePolicy(options) }
    : { method: 'PUT', path: `/_plugins/_ism/policies/${options.template}`, body: statePolicy(options) };
  return [policy, { method: 'PUT', path: `/_index_template/${options.template}`, body: template }];
}

/** As the consoles of Kibana and OpenSearch Dashboards take it. */
function stepText({ method, path, body }: Step): string {
  return `${method} ${path}\n${JSON.stringify(body, null, 2)}\n`;
}

async function setUpArkime(cluster: Cluster, context: OutputContext, options: Options): Promise<string[]> {
  const sender = new BulkSender(cluster, {
    itemRetryMs: options.item_retry_secs * 1000,
    retried: () => {},
    warn: context.log.warn,
  });
  const readiness = await new ArkimeMode({ cluster, sender, options, context }).prepare();
  if (!readiness.ready) throw new SensorError(errorCodes.output, readiness.reason);
  return ["Arkime's indices are there, and the definitions of Ringtap's fields with them"];
}

function arkimeAdvice({ prefix, nodes }: Options): string[] {
  return [`db.pl --prefix '${prefix}' ${nodes[0]} init   # of Arkime; then ringtap setup elasticsearch adds Ringtap's fields`];
}
