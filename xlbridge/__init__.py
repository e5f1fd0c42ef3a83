"""xlbridge: invoice from Excel within the French rules. The verbs are re-exported here, loaded when first used."""

__version__ = "0.1.0"
