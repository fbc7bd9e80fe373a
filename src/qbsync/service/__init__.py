"""The Web Connector's side: one call in, one reply out.

- :mod:`.service`: the service and its thirteen calls; each is one store transaction.
- :mod:`.sending`, :mod:`.receiving`: the next document, and what an answer means.
- :mod:`.doubts`: settling what is in doubt. :mod:`.poison`: finding what QuickBooks cannot read.
- :mod:`.requests_handler`: the default handler, for raw requests.

The rest are the values that these pass on and store.
"""

from __future__ import annotations

from .company import pin_company_file
from .requests_handler import RequestsHandler
from .service import Reply, Service

__all__ = ["Reply", "RequestsHandler", "Service", "pin_company_file"]
