"""The profiles of Factur-X 1.09 and of the French reform: what an invoice says of itself in BT-24, and what follows from it.

Sources: Factur-X 1.09.2; XP Z12-012 §3.3. The identifiers that contain ``:compliant:factur-x`` are obsolete and recognised only.

>>> Profile.of("urn:cen.eu:en16931:2017").xmp_level
'EN 16931'
>>> Profile.BASIC_WL.relationship
'Data'
"""

from __future__ import annotations

from enum import StrEnum


class Profile(StrEnum):
    """A profile, by the identifier that BT-24 carries."""

    MINIMUM = "urn:factur-x.eu:1p0:minimum"
    BASIC_WL = "urn:factur-x.eu:1p0:basicwl"
    BASIC = "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic"
    EN16931 = "urn:cen.eu:en16931:2017"
    EXTENDED = "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended"
    EXTENDED_CTC_FR = "urn:cen.eu:en16931:2017#conformant#urn.cpro.gouv.fr:1p0:extended-ctc-fr"

    @classmethod
    def of(cls, specification: str | None) -> Profile | None:
        """The profile that BT-24 names exactly, or None."""
        return next((profile for profile in cls if profile.value == (specification or "").strip()), None)

    @property
    def label(self) -> str:
        """The profile's name as people write it."""
        return self.name.replace("_", " ").replace("EN16931", "EN 16931").replace("CTC FR", "CTC-FR")

    @property
    def xmp_level(self) -> str:
        """`fx:ConformanceLevel` of the XMP that goes with the profile."""
        return "EXTENDED" if self is Profile.EXTENDED_CTC_FR else self.label

    @property
    def relationship(self) -> str:
        """`AFRelationship` of `factur-x.xml`: Data where the XML holds less than the page, else Alternative."""
        return "Data" if self in {Profile.MINIMUM, Profile.BASIC_WL} else "Alternative"

    @property
    def has_lines(self) -> bool:
        """Whether the profile carries invoice lines."""
        return self not in {Profile.MINIMUM, Profile.BASIC_WL}
