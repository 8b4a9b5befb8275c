"""The flows that the stories are told with."""


def orders_report(origin: str) -> str:
    """A report over a CSV that the instance itself serves: download, a loop of scripts, a shell command, a choice."""
    return _ORDERS_REPORT.replace("http://localhost:8080", origin)


_ORDERS_REPORT = """\
id: orders_report
namespace: company.sales
description: Daily orders by category, from a **real** CSV.
labels: {team: sales}
inputs:
  - id: source
    type: URI
    defaults: http://localhost:8080/ui/examples/orders.csv
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
              w = csv.DictWriter(f, fieldnames=rows[0].keys() if rows else ["order_id"])
              w.writeheader(); w.writerows(rows)
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
"""

HELLO = """\
id: hello
namespace: company.team
inputs:
  - {id: name, type: STRING, defaults: you}
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "Hello {{ inputs.name }}"
  - id: answer
    type: io.kestra.plugin.core.debug.Return
    format: "{{ inputs.name | upper }}"
outputs:
  - {id: loud, type: STRING, value: "{{ outputs.answer.value }}"}
"""

CALLS_HELLO = """\
id: calls_hello
namespace: company.team
tasks:
  - id: greet
    type: io.kestra.plugin.core.flow.Subflow
    namespace: company.team
    flowId: hello
"""

SLEEPER = """\
id: sleeper
namespace: company.team
tasks:
  - id: nap
    type: io.kestra.plugin.core.flow.Sleep
    duration: PT10M
"""

FRAGILE = """\
id: fragile
namespace: company.team
tasks:
  - id: before
    type: io.kestra.plugin.core.debug.Return
    format: done
  - id: breaks
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: ["exit 3"]
"""

WITH_A_FILE = """\
id: counts_lines
namespace: company.team
inputs:
  - {id: list, type: FILE}
  - {id: least, type: INT, min: 1, max: 9, defaults: 2}
tasks:
  - id: count
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    inputFiles: {list.txt: "{{ inputs.list }}"}
    commands:
      - 'echo "lines: $(wc -l < list.txt), least {{ inputs.least }}"'
"""

TICKER = """\
id: ticker
namespace: company.team
tasks:
  - id: tick
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: ["for n in 1 2 3 4 5 6; do echo tick $n; sleep 1; done"]
"""

CHATTER = """\
id: chatter
namespace: company.team
tasks:
  - id: talk
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: ["for n in $(seq 400); do echo said $n; sleep 0.01; done"]
"""
