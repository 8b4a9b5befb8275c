"""The app of what an operator lays over everything."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from executions.hooks import flow_overlays, start_gate
        from executions.maintenance.loops import Service, add_service
        from flows.hooks import caution, refuse
        from governance.in_force.gates import is_maintained, judge_start
        from governance.kill_switches.enforcing import Enforcer
        from governance.kill_switches.queries import facts as switches_in_force
        from governance.lifecycle import register
        from governance.maintenance.status import facts as maintenance_in_force
        from governance.notifications.silent_groups import tell_of_silent_groups
        from governance.policies.enforcing import cautions, objections, overlay_of
        from governance.quotas.enforcing import judge_quotas
        from governance.quotas.gauging import measure, release_waiting
        from governance.retention.runner import Runner
        from governance.retention.timing import begin_due_runs
        from iam.hooks import config_facts
        from workers.hooks import claim_gate

        start_gate.guard(judge_start)
        start_gate.guard(judge_quotas)
        flow_overlays.come_from(overlay_of)
        refuse(objections)
        caution(cautions)
        claim_gate.closed_when(is_maintained)
        config_facts.add(switches_in_force)
        config_facts.add(maintenance_in_force)
        add_service(Service("silent worker groups", 30, tell_of_silent_groups))
        add_service(Service("quotas", 60, measure))
        add_service(Service("places under a limit", 1, release_waiting))
        add_service(Service("due retention", 60, begin_due_runs))
        add_service(Service("retention", 2, Runner().carry_on))
        add_service(Service("kill switches", 0.5, Enforcer().enforce))
        register()
