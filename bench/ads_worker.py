"""ads-facturx as a worker: reads an invoice a line of JSON, answers a line with the path of the PDF and the seconds by stage.

Runs in an environment of its own, without xlbridge. Argument: the folder to work in.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ads_facturx

PROFILE = ads_facturx.Profile.FR
SHEET = "xslt/BR-FR-Flux2-Schematron-CII_V1.4.0.xslt"


def make(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The Factur-X file of `data`; RuntimeError when its own checks find a fault."""
    stages: dict[str, float] = {}

    def timed(stage: str, action: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = action()
        stages[stage] = time.perf_counter() - start
        return result

    page, pdf, xml_file = folder / "page.pdf", folder / "facture.pdf", folder / "facture.xml"
    model = timed("modèle", lambda: ads_facturx.DevisData.model_validate(data, context={"profile": PROFILE}))
    xml = timed("XML (CII)", lambda: ads_facturx.export_xml(model, PROFILE))
    timed("schéma XSD", lambda: ads_facturx.xml_check_xsd(xml, PROFILE))
    ads_facturx.write_xml_from_string(xml, str(folder), xml_file.name)
    report = timed("règles BR-FR", lambda: ads_facturx.xml_check_schematron(str(xml_file), SHEET))
    timed("page", lambda: ads_facturx.export_pdf(title=data["invoice"]["name"], output_path=str(page), data=model))
    timed("profil de couleurs", lambda: ads_facturx.add_icc(str(page), str(pdf)))
    timed("Factur-X autour de la page", lambda: ads_facturx.generate_facturx(pdf.name, str(folder), xml.encode()))
    if any(report.values()):
        raise RuntimeError(f"ads-facturx finds faults in its own XML: {report}")
    return {"pdf": str(pdf), "stages": stages}


def main() -> None:
    """Answer until standard input ends. What the library prints goes to standard error."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        print(json.dumps(make(json.loads(line), Path(sys.argv[1]))), file=answers, flush=True)


if __name__ == "__main__":
    main()
