"""`python -m xlbridge.desk WORD --host=… --wb=… --folder=…`: what a button of a workbook starts (see `xlbridge.desk.handover`).

For Excel the answer is printed, and its exit code is the program's; LibreOffice is answered line by line on standard output, since it is
asked there for all that the command needs of the document.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import NoReturn

from xlbridge.collector import calm_collector
from xlbridge.desk.answer import Answer
from xlbridge.desk.handover import Handover, handover
from xlbridge.desk.performing import perform
from xlbridge.errors import XlbridgeError


def main() -> NoReturn:
    """Perform one command and end with its code."""
    calm_collector()
    try:
        given = handover(sys.argv[1:])
    except XlbridgeError as fault:
        sys.stdout.write(f"{fault}\n")
        sys.exit(fault.exit_code)
    if given.host == "libreoffice":
        _in_calc(given)
    _in_excel(given)


def _in_excel(given: Handover) -> NoReturn:
    try:
        from xlbridge.workbook.excel import caller_port

        answer = _opened(perform(given.word, caller_port(given)))
    except XlbridgeError as fault:
        answer = Answer.of(fault)
    sys.stdout.write(f"{answer.shown}\n")
    sys.exit(answer.code)


def _opened(answer: Answer) -> Answer:
    """The answer, its file shown; where that fails, what was done is told all the same."""
    from xlbridge.desk.opening import open_file

    try:
        if answer.open is not None:
            open_file(answer.open)
    except XlbridgeError as fault:
        return replace(answer, text=f"{answer.text}\n\n{fault}".strip(), code=answer.code or fault.exit_code)
    return answer


def _in_calc(given: Handover) -> NoReturn:
    from json import dumps

    from xlbridge.workbook.calc_port import CalcPort, Pipe

    # Whatever a library, also one in C, or a child prints is no line of the conversation.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    try:
        answer = perform(given.word, CalcPort(Pipe(sys.stdin, out)))
    except XlbridgeError as fault:
        answer = Answer.of(fault)
    end = {"text": answer.shown, "code": int(answer.code), "open": str(answer.open) if answer.open else None}
    out.write(dumps({"end": end}) + "\n")
    out.flush()
    sys.exit(answer.code)


if __name__ == "__main__":
    main()
