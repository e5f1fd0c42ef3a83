"""Payment instructions (BG-16): transfer accounts (BG-17), card (BG-18), direct debit (BG-19)."""

from __future__ import annotations

from typing import Annotated

from xlbridge.model.term import Data, Term


class CreditAccount(Data):
    """An account to be paid (BG-17)."""

    iban: Annotated[str | None, Term("BT-84")] = None
    name: Annotated[str | None, Term("BT-85")] = None
    bic: Annotated[str | None, Term("BT-86")] = None


class Payment(Data):
    """How the amount due is to be paid. `means_code` is a UNTDID 4461 code: 30 transfer, 10 cash, 20 cheque, 48 card, 49 debit."""

    means_code: Annotated[str | None, Term("BT-81")] = None
    means_text: Annotated[str | None, Term("BT-82")] = None
    remittance: Annotated[str | None, Term("BT-83")] = None
    accounts: Annotated[tuple[CreditAccount, ...], Term("BG-17")] = ()
    card_number: Annotated[str | None, Term("BT-87")] = None
    card_holder: Annotated[str | None, Term("BT-88")] = None
    mandate: Annotated[str | None, Term("BT-89")] = None
    creditor_id: Annotated[str | None, Term("BT-90")] = None
    debited_iban: Annotated[str | None, Term("BT-91")] = None
