"""The proof: what ledger, vault, workbook and key say of each other."""

from xlbridge.proof.verify import exit_code_of, verify

__all__ = ["exit_code_of", "verify"]
