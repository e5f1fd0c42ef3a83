"""From old workbooks to a new invoicing workbook: company, clients, articles, past invoices, and the ledger that goes on from them."""
