/** The shapes of the API under the names the application uses, taken from the paths of the generated schema. */
import type { paths } from "./schema";

type Method = "get" | "post" | "put" | "delete" | "patch";

type Json<R> = R extends { content: { "application/json": infer B } } ? B : never;

/** The JSON body of the 200 answer of an operation. */
export type Reply<P extends keyof paths, M extends Method> = paths[P][M] extends {
  responses: { 200: infer R };
}
  ? Json<R>
  : never;

type Row<T> = T extends { results: (infer R)[] } ? R : never;

export type Me = Reply<"/api/v1/me", "get">;
export type Configuration = Reply<"/api/v1/configs", "get">;
export type SignInMethods = Reply<"/api/v1/auths", "get">;
export type KillSwitch = Reply<"/api/v1/kill-switches/search", "get">[number];
export type Banner = Reply<"/api/v1/banners/search", "get">[number];
export type MaintenanceStatus = Reply<"/api/v1/instance/maintenance/status", "get">;
export type Notification = Reply<"/api/v1/notifications/history", "get">["notifications"][number];
export type IdentityProvider = Row<Reply<"/api/v1/instance/identity-providers", "get">>;
export type DirectorySync = Reply<"/api/v1/instance/identity-providers/{directoryId}/syncs/{syncId}", "get">;
export type ProviderSimulation = Reply<"/api/v1/instance/identity-providers/{providerId}/simulate", "post">;
export type RuleOutcome = ProviderSimulation["rules"][number];
export type SignInTest = Reply<"/api/v1/instance/identity-providers/{providerId}/test", "get">;
export type Setup = Reply<"/api/v1/setup", "get">;
export type ApiToken = Row<Reply<"/api/v1/me/api-tokens", "get">>;
export type MySession = Reply<"/api/v1/me/sessions", "get">[number];
export type NewApiToken = Reply<"/api/v1/me/api-tokens", "post">;

export type Flow = Row<Reply<"/api/v1/{tenant}/flows/search", "get">>;
export type FlowWithSource = Reply<"/api/v1/{tenant}/flows/{namespace}/{id}", "get">;
export type FlowInput = NonNullable<FlowWithSource["inputs"]>[number] & InputDetails;
export type FlowTask = FlowWithSource["tasks"][number] & TaskChildren;
export type Violation = Reply<"/api/v1/{tenant}/flows/validate", "post">[number];
/** What is wrong, with the place in the text. */
export type Problem = NonNullable<Violation["violations"]>[number];
export type UpgradedFlow = Reply<"/api/v1/{tenant}/flows/upgrade", "post">;
export type FlowGraph = Reply<"/api/v1/{tenant}/flows/{namespace}/{id}/graph", "get">;
export type GraphEdge = NonNullable<FlowGraph["edges"]>[number];
export type GraphNode = NonNullable<FlowGraph["nodes"]>[number];

export type FlowDependencies = Reply<"/api/v1/{tenant}/flows/{namespace}/{id}/dependencies", "get">;

/** With its task runs counted; those of one that has many are asked for by the page. */
export type Execution = Reply<"/api/v1/{tenant}/taskruns/{executionId}/overview", "get">;
export type ListedTaskRun = Row<Reply<"/api/v1/{tenant}/taskruns/{executionId}", "get">>;
export type TaskRunWithWay = Reply<"/api/v1/{tenant}/taskruns/{executionId}/{taskRunId}", "get">;
export type ExecutionRow = Row<Reply<"/api/v1/{tenant}/executions/search", "get">>;
export type TriggerRow = Row<Reply<"/api/v1/{tenant}/triggers/search", "get">>;
export type ConcurrencyLimit = Row<Reply<"/api/v1/{tenant}/concurrency-limit/search", "get">>;
export type TriggerState = TriggerRow["state"];
export type LastExecution = Reply<"/api/v1/{tenant}/executions/latest", "post">[number];
export type Activity = Reply<"/api/v1/{tenant}/executions/activity", "get">;
export type TaskRun = NonNullable<Execution["taskRunList"]>[number];
export type State = Execution["state"];
export type StateType = State["current"];
export type Label = NonNullable<Execution["labels"]>[number];
export type LogLine = Reply<"/api/v1/{tenant}/logs/{executionId}", "get">[number];
export type Level = NonNullable<LogLine["level"]>;
export type OutputInfo = Reply<"/api/v1/{tenant}/outputs/{executionId}", "get">[number];
export type Metric = Row<Reply<"/api/v1/{tenant}/metrics/{executionId}", "get">>;
export type MetricAggregations = Reply<
  "/api/v1/{tenant}/metrics/aggregates/{namespace}/{flowId}/{metric}",
  "get"
>;
export type EvalResult = Reply<"/api/v1/{tenant}/executions/{executionId}/actions/eval", "post">;

export type ValidatedInputs = Reply<"/api/v1/{tenant}/executions/{namespace}/{id}/validate", "post">;

export type InputBlock = Row<Reply<"/api/v1/{tenant}/namespaces/{namespace}/reusable-inputs", "get">>;
export type Surroundings = Reply<"/api/v1/{tenant}/namespaces/{namespace}/surroundings", "get">;
export type FileAttributes = Reply<"/api/v1/{tenant}/namespaces/{namespace}/files/stats", "get">;
export type FileRevision = Reply<"/api/v1/{tenant}/namespaces/{namespace}/files/revisions", "get">[number];
export type HeldRights = Reply<"/api/v1/{tenant}/access/rights", "get">;
export type AccessStep = Reply<"/api/v1/{tenant}/access/plan", "post">["steps"][number];
export type MyInvitation = Reply<"/api/v1/me/invitations", "get">[number];
export type InstanceAccount = Reply<"/api/v1/service-accounts/{id}", "get">;

export type Namespace = Row<Reply<"/api/v1/{tenant}/namespaces/search", "get">>;
export type AuditItem = Row<Reply<"/api/v1/{tenant}/auditlogs/search", "get">>;
export type AuditDiff = Reply<"/api/v1/{tenant}/auditlogs/{id}/diff", "get">;
export type Service = Row<Reply<"/api/v1/instance/services/search", "get">>;
export type WorkerGroup = NonNullable<Reply<"/api/v1/instance/worker-groups", "get">["workerGroups"]>[number];
export type Worker = NonNullable<
  Reply<"/api/v1/instance/worker-groups/{id}/workers", "get">["workers"]
>[number];

export type Fleet = Reply<"/api/v1/instance/fleet", "get">;
export type FleetGroup = Fleet["groups"][number];
export type FleetQueue = Fleet["queues"][number];
export type WorkerQueue = Reply<"/api/v1/instance/worker-queues/{id}", "get">;
export type PolicySummary = Row<Reply<"/api/v1/instance/policies/search", "get">>;
export type Policy = Reply<"/api/v1/instance/policies/{id}", "get">;
export type PolicyEvaluation = Reply<"/api/v1/instance/policies/{id}/evaluate", "get">;
export type QuotaGauge = Reply<"/api/v1/{tenant}/quota-limits", "get">[number];
export type Retention = Reply<"/api/v1/{tenant}/retention", "get">;
export type RetentionRules = NonNullable<Retention["rules"]>;
export type EffectiveRetention = Retention["effective"][number];
export type RetentionKind = EffectiveRetention["kind"];
export type RetentionRule = EffectiveRetention["rules"][number];
export type RetentionRun = Retention["runs"][number];
export type RetentionPreview = Reply<"/api/v1/{tenant}/retention/preview", "post">;
export type ServiceDetails = Reply<"/api/v1/instance/services/{id}", "get">;

export type GroupToken = NonNullable<WorkerGroup["tokens"]>[number];
export type NewGroupToken = Reply<"/api/v1/instance/worker-groups/{id}/tokens", "post">;

export type RoleSummary = Row<Reply<"/api/v1/{tenant}/roles/search", "get">>;
export type Role = Reply<"/api/v1/{tenant}/roles/{id}", "get">;
export type Binding = Row<Reply<"/api/v1/{tenant}/bindings/search", "get">>;
export type GroupSummary = Row<Reply<"/api/v1/{tenant}/groups/search", "get">>;
export type GroupMember = Row<Reply<"/api/v1/{tenant}/groups/{id}/members", "get">>;
export type Member = Row<Reply<"/api/v1/{tenant}/tenant-access", "get">>;
export type TenantAccess = Reply<"/api/v1/{tenant}/tenant-access/{userId}", "get">;
export type Invitation = Row<Reply<"/api/v1/{tenant}/invitations/search", "get">>;
export type Explanation = Reply<"/api/v1/{tenant}/access/explain", "get">;
export type RefusedRequest = Row<Reply<"/api/v1/{tenant}/access/refusals/search", "get">>;
export type ExplainedRefusal = Reply<"/api/v1/{tenant}/access/refusals/{reference}", "get">;
export type OpenInvitation = Reply<"/api/v1/invitation/{invitationId}", "get">;
export type AccountRow = Row<Reply<"/api/v1/{tenant}/service-accounts", "get">>;
export type ServiceAccount = Reply<"/api/v1/{tenant}/service-accounts/{id}", "get">;
export type SecurityIntegration = Reply<"/api/v1/{tenant}/security-integrations/{id}", "get">;
export type NewSecurityIntegration = Reply<"/api/v1/{tenant}/security-integrations", "post">;
export type IntegrationCall = Row<Reply<"/api/v1/{tenant}/security-integrations/{id}/calls", "get">>;
export type Account = Row<Reply<"/api/v1/users", "get">>;
export type Tenant = Row<Reply<"/api/v1/tenants/search", "get">>;

export type SecretRow = Row<Reply<"/api/v1/{tenant}/secrets", "get">>;
export type Credential = Row<Reply<"/api/v1/{tenant}/credentials", "get">>;
export type CredentialLevels = Reply<"/api/v1/{tenant}/namespaces/{namespace}/credentials/inherited", "get">;
export type CredentialTested = Reply<"/api/v1/{tenant}/credentials/{id}/test", "post">;
export type PairRow = Row<Reply<"/api/v1/{tenant}/kv", "get">>;
export type Pair = Reply<"/api/v1/{tenant}/namespaces/{namespace}/kv/{key}", "get">;

/** Properties of single input types, which the schema leaves out of the common shape. */
interface InputDetails {
  values?: string[];
  allowCustomValue?: boolean;
  itemType?: string;
  min?: number;
  max?: number;
  validator?: string;
  after?: string;
  before?: string;
  allowedFileExtensions?: string[];
  extension?: string;
}

interface TaskChildren {
  tasks?: FlowTask[];
  then?: FlowTask[];
  else?: FlowTask[];
  errors?: FlowTask[];
  finally?: FlowTask[];
  cases?: Record<string, FlowTask[]>;
  onResume?: FlowInput[];
}
export type TrailState = Reply<"/api/v1/{tenant}/auditlogs/proof", "get">;
export type TrailReport = Reply<"/api/v1/{tenant}/auditlogs/verify", "get">;
export type PastRights = Reply<"/api/v1/{tenant}/access/past", "get">;
