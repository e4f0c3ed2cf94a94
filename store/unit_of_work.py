"""SqlTransaction: the ports of one unit of work, all on one connection."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from store.announcements import SqlAnnouncements
from store.catalogue import SqlCatalogue
from store.channels import SqlChannels
from store.deliveries import SqlDeliveries
from store.editions import SqlEditions
from store.marks import SqlMarks
from store.notebook import SqlNotebook
from store.paces import SqlPaces
from store.papers import SqlPapers
from store.subscriptions import SqlSubscriptions
from store.tenancy import SqlAudit, SqlInstallations


class SqlTransaction:
    """`bot.ports.Transaction` on one connection; `SqlStore` begins and ends it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        """For what else lives in this database (`store.timeline`), not for the core."""
        self.papers = SqlPapers(connection)
        self.catalogue = SqlCatalogue(connection)
        self.announcements = SqlAnnouncements(connection)
        self.channels = SqlChannels(connection)
        self.subscriptions = SqlSubscriptions(connection)
        self.marks = SqlMarks(connection)
        self.editions = SqlEditions(connection)
        self.deliveries = SqlDeliveries(connection)
        self.paces = SqlPaces(connection)
        self.notebook = SqlNotebook(connection)
        self.installations = SqlInstallations(connection)
        self.audit = SqlAudit(connection)
