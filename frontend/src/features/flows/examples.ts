/** Flows to begin with. */

/** Downloads a CSV, reports each category in its own task, checks it, and decides by the result. */
export function ordersReport(origin: string): string {
  return `id: orders_report
namespace: company.sales
description: Daily orders by category, from a **real** CSV.
labels: {team: sales}
inputs:
  - id: source
    type: URI
    defaults: ${origin}/ui/examples/orders.csv
  - id: min_total
    type: FLOAT
    defaults: 10
  - id: categories
    type: ARRAY
    itemType: STRING
    defaults: '["books", "music", "garden"]'
variables:
  day: "{{ execution.startDate | date('yyyy-MM-dd') }}"
tasks:
  - id: download
    type: io.kestra.plugin.core.http.Download
    uri: "{{ inputs.source }}"
  - id: by_category
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ inputs.categories }}"
    concurrencyLimit: 2
    tasks:
      - id: report
        type: io.kestra.plugin.scripts.python.Script
        taskRunner: {type: io.kestra.plugin.core.runner.Process}
        inputFiles:
          orders.csv: "{{ outputs.download.uri }}"
        outputFiles: ["*.csv"]
        script: |
          import csv
          rows = [r for r in csv.DictReader(open("orders.csv"))
                  if r["category"] == "{{ taskrun.value }}" and float(r["total"]) >= {{ inputs.min_total }}]
          with open("{{ taskrun.value }}.csv", "w", newline="") as f:
              w = csv.DictWriter(f, fieldnames=rows[0].keys() if rows else ["order_id"]); w.writeheader(); w.writerows(rows)
          print('::{"outputs": {"orders": %d, "revenue": %.2f}}::' % (len(rows), sum(float(r["total"]) for r in rows)))
  - id: checksum
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    inputFiles:
      orders.csv: "{{ outputs.download.uri }}"
    commands: ["sha256sum orders.csv", "sleep 1"]
  - id: enough
    type: io.kestra.plugin.core.flow.If
    condition: "{{ outputs.report['books'].vars.orders > 0 }}"
    then:
      - id: say
        type: io.kestra.plugin.core.log.Log
        message: "{{ render(vars.day) }}: books brought {{ outputs.report['books'].vars.revenue }}"
    else:
      - id: none
        type: io.kestra.plugin.core.execution.Fail
outputs:
  - id: revenue
    type: FLOAT
    value: "{{ outputs.report['books'].vars.revenue }}"
errors:
  - id: alert
    type: io.kestra.plugin.core.log.Log
    level: ERROR
    message: "{{ flow.id }} failed: {{ errorLogs() }}"
`;
}

export const helloWorld = `id: hello
namespace: company.team
description: The smallest flow that does something.
inputs:
  - id: name
    type: STRING
    defaults: world
tasks:
  - id: greet
    type: io.kestra.plugin.core.log.Log
    message: "Hello, {{ inputs.name }}"
`;

export const approval = `id: approval
namespace: company.team
description: Waits for a person before it goes on.
tasks:
  - id: prepare
    type: io.kestra.plugin.core.debug.Return
    format: "prepared at {{ execution.startDate }}"
  - id: ask
    type: io.kestra.plugin.core.flow.Pause
    onResume:
      - id: approved
        type: BOOLEAN
        description: May it go on?
        defaults: true
      - id: reason
        type: STRING
        required: false
  - id: decide
    type: io.kestra.plugin.core.flow.If
    condition: "{{ outputs.ask.onResume.approved }}"
    then:
      - id: go
        type: io.kestra.plugin.core.log.Log
        message: "Approved: {{ outputs.ask.onResume.reason ?? 'no reason given' }}"
    else:
      - id: stop
        type: io.kestra.plugin.core.execution.Fail
`;

export const scratch = `id: my_flow
namespace: company.team
tasks:
  - id: first
    type: io.kestra.plugin.core.log.Log
    message: Hello
`;

export interface Example {
  id: string;
  title: string;
  text: string;
  source: (origin: string) => string;
}

export const EXAMPLES: Example[] = [
  {
    id: "orders",
    title: "Orders report",
    text: "Downloads a CSV, runs a script for each category side by side, and decides by the result.",
    source: ordersReport,
  },
  { id: "hello", title: "Hello", text: "One input and one task that logs it.", source: () => helloWorld },
  {
    id: "approval",
    title: "Approval",
    text: "Pauses until a person resumes it with an answer.",
    source: () => approval,
  },
  {
    id: "scratch",
    title: "From scratch",
    text: "An almost empty flow and an editor that helps.",
    source: () => scratch,
  },
];
