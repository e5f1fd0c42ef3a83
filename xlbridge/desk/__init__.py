"""What a click does: one function for each command, the same whatever application shows the workbook."""
