"""What fields mean whose names do not say it: comments that ``make_models`` writes above them.

A key is a field, or a class and a field; the longer one wins.  Facts follow the qbXML reference; what is
not confirmed there is left out.
"""

from __future__ import annotations

from typing import Final

__all__ = ["NOTES"]

NOTES: Final = {
    # ids and revisions
    "list_id": "QuickBooks' id of a list object; stays for life, unique within its list only.",
    "txn_id": "QuickBooks' id of a transaction.",
    "txn_line_id": "QuickBooks' id of a line, which lives as long as the line.",
    "edit_sequence": "Changes with the object; a Mod must carry the current one, else status 3200.",
    "external_guid": "An id of ours, given when the object is added; no query can filter by it.",
    "time_modified": "To read on from here, send it back as it is; its offset is wrong in summer.",
    "txn_number": "QuickBooks' running number, not the number that people see (that is ``ref_number``).",
    "Ref.list_id": "Wins over the full name where both are sent.",
    "Ref.full_name": "The names of all levels, joined by ``:``; compared without regard to case.",
    "full_name": "The names of all levels, joined by ``:``.",
    "sublevel": "0 for an object without parent.",
    # macros, iterators, options of queries
    "def_macro": "A name for the id to come, for later requests of the same set: ``TxnID:i1``.",
    "iterator": "``Start``, then ``Continue`` with the id until nothing remains; within one session only.",
    "iterator_id": "The iterator that goes on or stops; the answer to ``Start`` gives it.",
    "iterator_remaining_count": "How many objects are left; at 0 the iterator closes by itself.",
    "ret_count": "How many objects were found.",
    "meta_data": "Whether to count what is found, or to return it, or both.",
    "max_returned": "The largest number of objects; of a page, with an iterator.",
    "active_status": "Left out, inactive objects are hidden.",
    "from_modified_date": "Included; a date alone means its first second.",
    "to_modified_date": "Included; a date alone means its last second.",
    "include_ret_element": "The only elements to return; a name that does not exist is passed over.",
    "include_line_items": "Left out, transactions come without lines.",
    "include_linked_txns": "Left out, transactions come without what they are linked to.",
    "ref_number_case_sensitive": "As ``ref_number``, and faster where numbers hold letters.",
    "owner_id": "``0`` for the custom fields that people see; a GUID for the data of one application.",
    # forms
    "txn_date": "Left out of an Add, QuickBooks may take the date of the last transaction that was saved.",
    "ref_number": "The number that people see, not unique. Left out of an Add: the next; ``CLEAR``: none.",
    "link_to_txn_id": "Transactions to take all open lines from; only in an Add, and no macro is taken.",
    "set_credit": "Credits of the customer that are used on this transaction.",
    "is_to_be_printed": "Left out of an Add, the user's own setting decides.",
    "is_to_be_emailed": "Fails where the customer has no e-mail address.",
    "is_pending": "Whether it is kept out of the accounts for now.",
    "is_manually_closed": "Whether it is closed though not all of it was delivered.",
    "exchange_rate": "Home currency for one unit of the transaction's; only with several currencies.",
    "is_auto_apply": "Whether QuickBooks chooses the invoices; either this or what to apply must be said.",
    "applied_to_txn_add": "The invoices that are paid, and with how much.",
    "unused_payment": "What was paid and applied to nothing.",
    "lines": "All lines in the order in which they are printed.",
    "InvoiceMod.lines": "Left out, all lines stay; else this is the whole list, and others are deleted.",
    "SalesOrderMod.lines": "Left out, all lines stay; else this is the whole list, and others are deleted.",
    "EstimateMod.lines": "Left out, all lines stay; else this is the whole list, and others are deleted.",
    "CreditMemoMod.lines": "Left out, all lines stay; else this is the whole list, and others are deleted.",
    "SalesReceiptMod.lines": "Left out, all lines stay; else this is the whole list, and others are deleted.",
    "InvoiceLineMod.txn_line_id": "``-1`` for a new line.",
    "SalesOrderLineMod.txn_line_id": "``-1`` for a new line.",
    "EstimateLineMod.txn_line_id": "``-1`` for a new line.",
    "CreditMemoLineMod.txn_line_id": "``-1`` for a new line.",
    "SalesReceiptLineMod.txn_line_id": "``-1`` for a new line.",
    "InvoiceLineAdd.rate": "With quantity and amount given, leave it out: QuickBooks computes it.",
    "InvoiceLineAdd.amount": "Given with the quantity, the line holds just this amount.",
    "InvoiceRet.subtotal": "An invoice states no total: it is this and ``sales_tax_total``.",
    "InvoiceRet.applied_amount": "What was paid, as a negative number.",
    "sales_tax_code_ref": "Whether the line is taxed, by a code such as ``TAX`` or ``NON``.",
    "item_sales_tax_ref": "The one tax item, or group of them, of the whole transaction.",
    # answers
    "error_recovery": "The ids of what was made, where an earlier answer was lost.",
    "linked_txn": "What pays this, or what it was made from.",
    "link_type": "``AMTTYPE`` for a link of money, ``QUANTYPE`` for one of quantities.",
    "supported_qbxml_version": "All versions that this QuickBooks speaks.",
    "data_ext_ret": "Custom fields; they come only where ``owner_id`` was asked for.",
}  # fmt: skip
