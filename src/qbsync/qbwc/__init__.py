"""The conversation with the Web Connector, without any input or output.

- :mod:`qbsync.qbwc.calls`: the calls as values.
- :mod:`qbsync.qbwc.soap`: bytes to calls, results to bytes.
- :mod:`qbsync.qbwc.session`: what may follow what, as a table.
- :mod:`qbsync.qbwc.wsdl`: the description of the service for SOAP tools.

Who serves calls is :class:`qbsync.service.Service`.
"""

from __future__ import annotations
