"""RPC methods of the audit.

Services inherit them from the module, `class OrdersService(auditing.Audited)`, see `shop/event_sourcing/operations.py`.
"""

from collections.abc import Callable

from nameko.extensions import DependencyProvider

from shop.audit.auditor import Auditor
from shop.audit.background import BackgroundAudit
from shop.audit.checks import LogCheck
from shop.audit.rows import ExpectedRows
from shop.contracts.actors import Actor, require_manager
from shop.contracts.views import AuditAnswer
from shop.event_sourcing.snapshots import form_of
from shop.event_sourcing.subscription import Subscription
from shop.messaging.rpc import rpc
from shop.read_models.stores import read_models_of
from shop.service.background import background
from shop.service.identity import CallingActor
from shop.service.settings import Settings


class Auditing(DependencyProvider):
    """The service's audit, as a dependency: `audits = auditing.Auditing(UnitsConserved, expected=ExpectedProducts)`.

    Args:
        checks: on the log.
        expected: the expected rows of the service's read model.
    """

    subscription = Subscription()

    def __init__(self, *checks: type[LogCheck], expected: Callable[[], ExpectedRows]) -> None:
        self._checks = checks
        self._expected = expected

    def setup(self) -> None:
        service, config = self.container.service_name, self.container.config
        (model,) = read_models_of(self.container)
        deciders = getattr(self.container.service_cls, "deciders", {})
        for decider in deciders.values():
            form_of(decider)  # read now: an upgrade may replace the source of this process's code
        auditor = Auditor(
            service,
            store=self.subscription.event_store(background(self.container)),
            model=model,
            checks=self._checks,
            expected=self._expected,
            order_timeout=Settings.of(config).order_timeout,
            deciders=deciders,
        )
        self._audit = BackgroundAudit(service, auditor.run)

    def stop(self) -> None:
        self._audit.stop()

    def get_dependency(self, worker_ctx: object) -> BackgroundAudit:  # noqa: ARG002 - Nameko's signature
        return self._audit


class Audited:
    """RPC methods of every audited service, for managers."""

    caller: Actor = CallingActor()
    audits: BackgroundAudit
    """The service's `Auditing`."""

    @rpc
    def audit(self, at_least: int = 0, max_age: float = 60.0) -> AuditAnswer:
        """The last audit's result; one that does not cover enough or is too old is renewed in the background.

        Args:
            at_least: a position of the log that the result must cover.
            max_age: seconds since the audit began.

        Returns:
            As `BackgroundAudit.ask`.
        """
        require_manager(self.caller)
        return self.audits.ask(at_least, max_age)
