"""The macros and the ribbon of Excel, as text, and what builds the add-in and the workbook from them."""
